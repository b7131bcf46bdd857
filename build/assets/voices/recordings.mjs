/** Recordings of the sample voices, one folder a speaker, spoken by `flite`; folders that are full already are kept. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sentences } from './sentences.mjs';

const run = promisify(execFile);

/** Name of the folder, the voice of flite, and the seed of what it says. */
export const speakers = [
  { name: 'slt', flite: 'slt', seed: 11 },
  { name: 'awb', flite: 'awb', seed: 12 },
  { name: 'rms', flite: 'rms', seed: 13 },
  { name: 'kal', flite: 'kal16', seed: 14 },
];

/** @param {string} folder @param {number} count sentences of each */
export async function makeRecordings(folder, count) {
  for (const { name, flite, seed } of speakers) {
    mkdirSync(join(folder, name), { recursive: true });
    for (const [i, text] of sentences(count, seed).entries()) {
      const file = recordingOf(folder, name, i);
      if (existsSync(file)) continue;
      await run('flite', ['-voice', flite, '-t', text, '-o', `${file}.part`]);
      renameSync(`${file}.part`, file);
    }
  }
}

/** @param {string} folder @param {string} name of the speaker @param {number} sentence */
export const recordingOf = (folder, name, sentence) => join(folder, name, `${String(sentence).padStart(4, '0')}.wav`);
