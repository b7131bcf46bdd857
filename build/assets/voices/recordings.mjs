/**
 * Recordings that the sample voices learn from, one folder a speaker; files that are there already are kept. The voices themselves are
 * spoken by `flite`: sentences of our own and, for more words, prompts of the Asterisk project where Debian's package of them is installed.
 * Of the same project are three people's recordings, from which the converter only learns to listen.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { sentences } from './sentences.mjs';

const run = promisify(execFile);

/** Name of the folder, the voice of flite, and the seed of what it says. */
export const speakers = [
  { name: 'slt', flite: 'slt', seed: 11 },
  { name: 'awb', flite: 'awb', seed: 12 },
  { name: 'rms', flite: 'rms', seed: 13 },
  { name: 'kal', flite: 'kal16', seed: 14 },
];

const SOUNDS = '/usr/share/asterisk/sounds';
const PROMPTS = '/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz';
/** Packages asterisk-core-sounds-{en,it,ru}-g722: name of the folder and where the recordings lie. */
const people = [
  { name: 'allison', folder: join(SOUNDS, 'en_US_f_Allison') },
  { name: 'carlo', folder: join(SOUNDS, 'it_IT_m_Carlo') },
  { name: 'ivrvoice', folder: join(SOUNDS, 'ru_RU_f_IvrvoiceRU') },
];
/** Bytes of g722 of a second. */
const SECOND = 8000;

async function speak(flite, text, file) {
  if (existsSync(file)) return;
  await run('flite', ['-voice', flite, '-t', text, '-o', `${file}.part`]);
  renameSync(`${file}.part`, file);
}

/** Prompts of at least five words. @param {number} count */
function prompts(count) {
  if (!existsSync(PROMPTS)) return [];
  const lines = gunzipSync(readFileSync(PROMPTS)).toString().split('\n').filter((line) => line && !line.startsWith(';'));
  const texts = lines.map((line) => line.replace(/^[^:]*:/, '').replace(/\.\.\.|[()[\]"]/g, ' ').replace(/\s+/g, ' ').trim());
  return [...new Set(texts)].filter((text) => text.split(' ').length >= 5 && text.length < 160).slice(0, count);
}

/** @param {string} folder @param {number} count sentences of each, and prompts */
export async function makeRecordings(folder, count) {
  for (const { name, flite, seed } of speakers) {
    mkdirSync(join(folder, name), { recursive: true });
    for (const [i, text] of sentences(count, seed).entries()) await speak(flite, text, recordingOf(folder, name, i));
    for (const [i, text] of prompts(count).entries()) await speak(flite, text, join(folder, name, `p${String(i).padStart(4, '0')}.wav`));
  }
}

/** @param {string} folder @param {number} minutes of each person at most */
export function copyPeople(folder, minutes) {
  for (const { name, folder: from } of people) {
    if (!existsSync(from)) continue;
    mkdirSync(join(folder, name), { recursive: true });
    let left = minutes * 60 * SECOND;
    for (const file of readdirSync(from, { recursive: true }).map(String).filter((path) => path.endsWith('.g722')).sort()) {
      const { size } = statSync(join(from, file));
      if (size < 1.5 * SECOND || size > left) continue;
      left -= size;
      copyFileSync(join(from, file), join(folder, name, file.replace(/[/\\]/g, '-')));
    }
  }
}

/** @param {string} folder @param {string} name of the speaker @param {number} sentence */
export const recordingOf = (folder, name, sentence) => join(folder, name, `${String(sentence).padStart(4, '0')}.wav`);
