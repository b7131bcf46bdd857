// @ts-check
/**
 * Word error of converted English speech beside that of the vocoder alone, on sentences that no training has seen:
 * `node build/bench/voice-words.mjs [model] [sentences] [work folder]`. Needs `flite` and `pocketsphinx_continuous` (Debian: flite,
 * pocketsphinx, pocketsphinx-en-us). Every voice says every sentence; each is said again by the vocoder, and in the next voice by the converter.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { speakers } from '../assets/voices/recordings.mjs';
import { sentences } from '../assets/voices/sentences.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const [model = 'builtin:voices', count = '8', given] = process.argv.slice(2);
const work = given ? resolve(given) : mkdtempSync(join(tmpdir(), 'atelier-words-'));
const atelier = (/** @type {string[]} */ ...args) => execFileSync(process.execPath, [join(root, 'build/atelier.mjs'), 'voice', ...args, '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });

const texts = sentences(Number(count), 999);
const rows = ['path,speaker,text'];
for (const { name, flite } of speakers) {
  mkdirSync(join(work, 'said', name), { recursive: true });
  texts.forEach((text, i) => {
    const file = join('said', name, `${i}.wav`);
    if (!existsSync(join(work, file))) execFileSync('flite', ['-voice', flite, '-t', text, '-o', join(work, file)]);
    rows.push(`${file},${name},"${text}"`);
  });
}
writeFileSync(join(work, 'table.csv'), `${rows.join('\n')}\n`);
speakers.forEach(({ name }, i) => {
  const files = texts.map((_, t) => join(work, 'said', name, `${t}.wav`));
  atelier('vocode', ...files, '--out', join(work, 'vocoder', name));
  const target = speakers[(i + 1) % speakers.length].name;
  atelier('convert', ...files, '--model', model, '--speaker', target, '--out', join(work, 'converted', name));
});

/** @param {string} text */
const words = (text) => text.toLowerCase().replace(/harbour/g, 'harbor').replace(/doctor/g, 'dr').replace(/missus/g, 'mrs').replace(/grey/g, 'gray').replace(/[^a-z' ]/g, ' ').split(/\s+/).filter(Boolean);

/** Fewest words put in, left out or replaced (Levenshtein). @param {string[]} a @param {string[]} b */
function distance(a, b) {
  let row = b.map((_, j) => j + 1);
  a.forEach((word, i) => {
    let left = i + 1;
    let corner = i;
    row = b.map((other, j) => {
      const diagonal = corner;
      corner = row[j];
      left = Math.min(left + 1, row[j] + 1, diagonal + (word === other ? 0 : 1));
      return left;
    });
  });
  return a.length === 0 ? b.length : b.length === 0 ? a.length : row[b.length - 1];
}

const result = Object.fromEntries(['said', 'vocoder', 'converted'].map((kind) => {
  let wrong = 0;
  let all = 0;
  for (const { name } of speakers) {
    texts.forEach((text, i) => {
      const wav = join(work, 'heard.wav');
      // The recogniser reads 16 kHz only.
      execFileSync('sox', [join(work, kind, name, `${i}.wav`), '-r', '16000', '-c', '1', '-b', '16', wav]);
      const heard = execFileSync('pocketsphinx_continuous', ['-infile', wav, '-logfn', '/dev/null']).toString();
      wrong += distance(words(text), words(heard));
      all += words(text).length;
    });
  }
  return [kind, wrong / all];
}));
console.log(JSON.stringify({ model, sentences: texts.length * speakers.length, wordError: result, ratio: result.converted / result.vocoder, table: join(work, 'table.csv') }, null, 2));
