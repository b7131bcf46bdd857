/**
 * Recordings of the sample voices, one folder a speaker: synthetic ones spoken by `flite`, human ones from the telephone prompts of
 * Debian's asterisk-core-sounds packages (CC-BY-SA). Needs `flite`; folders that are full already are kept.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sentences } from './sentences.mjs';

const run = promisify(execFile);
const SENTENCES = 150;
const PROMPTS = 230;
/** A second of G.722. */
const SHORTEST_BYTES = 8000;

/** Name of the folder, where the recordings come from. */
export const speakers = [
  { name: 'slt', flite: 'slt', seed: 11 },
  { name: 'awb', flite: 'awb', seed: 12 },
  { name: 'rms', flite: 'rms', seed: 13 },
  { name: 'kal', flite: 'kal16', seed: 14 },
  { name: 'allison', prompts: '/usr/share/asterisk/sounds/en_US_f_Allison', package: 'asterisk-core-sounds-en-g722' },
  { name: 'ivr', prompts: '/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU', package: 'asterisk-core-sounds-ru-g722' },
  { name: 'carlo', prompts: '/usr/share/asterisk/sounds/it_IT_m_Carlo', package: 'asterisk-core-sounds-it-g722' },
];

/** @param {string} folder */
export async function makeRecordings(folder) {
  for (const speaker of speakers) {
    const out = join(folder, speaker.name);
    if (existsSync(join(out, '.complete'))) continue;
    mkdirSync(out, { recursive: true });
    if (speaker.flite) await speak(speaker, out);
    else copyPrompts(speaker, out);
    writeFileSync(join(out, '.complete'), '');
  }
}

async function speak(speaker, out) {
  const texts = sentences(SENTENCES, speaker.seed);
  for (const [i, text] of texts.entries()) {
    const name = join(out, String(i).padStart(4, '0'));
    if (existsSync(`${name}.wav`)) continue;
    await run('flite', ['-voice', speaker.flite, '-t', text, '-o', `${name}.part`]);
    renameSync(`${name}.part`, `${name}.wav`);
    writeFileSync(`${name}.txt`, text);
  }
}

function copyPrompts(speaker, out) {
  if (!existsSync(speaker.prompts)) throw new Error(`${speaker.prompts} is missing: apt-get install ${speaker.package}`);
  const files = readdirSync(speaker.prompts, { recursive: true }).map(String)
    .filter((name) => name.endsWith('.g722') && !/beep|tone|silence/.test(name) && statSync(join(speaker.prompts, name)).size >= SHORTEST_BYTES).sort();
  for (let i = 0; i < PROMPTS; i++) {
    const file = files[Math.floor((i * files.length) / PROMPTS)];
    copyFileSync(join(speaker.prompts, file), join(out, file.replaceAll('/', '_')));
  }
}
