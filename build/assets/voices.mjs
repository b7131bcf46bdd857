/**
 * Trains the sample voices with the project's own command line and puts them into assets/voices:
 * `node build/assets/voices.mjs [minutes] [work folder]` (25 minutes by default, for the converter; the vocoder takes as long again).
 * Needs `flite` and Debian's asterisk-core-sounds packages for the recordings; the work folder is kept, and used again where it is given.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRecordings, speakers } from './voices/recordings.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const [minutes = '25', given] = process.argv.slice(2);
const work = given ?? mkdtempSync(join(tmpdir(), 'atelier-voices-'));
const recordings = join(work, 'recordings');
const out = join(root, 'assets/voices');
/** Sentence of each speaker that is kept as a sample. */
const SAMPLES = { slt: '0003', awb: '0004', rms: '0005', kal: '0006', allison: 'vm-goodbye', ivr: 'vm-goodbye', carlo: 'vm-goodbye' };

const atelier = (...args) => execFileSync(process.execPath, [join(root, 'build/atelier.mjs'), 'voice', ...args], { stdio: 'inherit', env: { ...process.env, ATELIER_HOME: join(work, 'home') } });

mkdirSync(recordings, { recursive: true });
await makeRecordings(recordings);
const set = join(work, 'set');
if (!existsSync(set)) atelier('prepare', recordings, '--out', set, '--name', 'Sample voices');
const converter = join(work, 'converter');
if (!existsSync(converter)) atelier('train', '--data', set, '--out', converter, '--minutes', minutes, '--hidden', '160', '--seed', '1', '--name', 'Sample voices');
const vocoder = join(work, 'vocoder');
if (!existsSync(vocoder)) atelier('train-vocoder', '--data', set, '--out', vocoder, '--minutes', minutes, '--seed', '1');
mkdirSync(join(out, 'samples'), { recursive: true });
atelier('export', '--model', converter, '--vocoder', vocoder, '--bundle', join(out, 'voices.safetensors'));
atelier('evaluate', '--model', join(out, 'voices.safetensors'), '--data', set);
