/**
 * Trains the sample voices with the project's own command line and puts them into assets/voices:
 * `node build/assets/voices.mjs [minutes] [run of a vocoder] [work folder]`. Needs `flite`;
 * Debian's asterisk-core-sounds-{en,it,ru}-g722 add people to listen to. A work folder that is named is kept and used again.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPeople, makeRecordings, recordingOf, speakers } from './voices/recordings.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const [minutes = '30', vocoder, given] = process.argv.slice(2);
const work = given ?? mkdtempSync(join(tmpdir(), 'atelier-voices-'));
const recordings = join(work, 'recordings');
const set = join(work, 'set');
const run = join(work, 'voices');
const out = join(root, 'assets/voices');
/** Of each voice: so many sentences, and as many prompts. */
const SENTENCES = 110;
const MINUTES_OF_PEOPLE = 13;

const atelier = (...args) => execFileSync(process.execPath, [join(root, 'build/atelier.mjs'), 'voice', ...args], { stdio: 'inherit', env: { ...process.env, ATELIER_HOME: join(work, 'home') } });

await makeRecordings(recordings, SENTENCES);
copyPeople(recordings, MINUTES_OF_PEOPLE);
if (!existsSync(set)) atelier('prepare', recordings, '--out', set, '--name', 'Sample voices');
if (!existsSync(run)) atelier('train', '--data', set, '--out', run, '--minutes', minutes, '--preset', 'clear', '--hidden', '224', '--spread', '0.3', '--weight-ema', '0.999', '--seed', '1', '--name', 'Sample voices');
atelier('evaluate', '--model', run);
mkdirSync(join(out, 'samples'), { recursive: true });
atelier('export', '--model', run, '--voices', speakers.map(({ name }) => name).join(), '--small', '--bundle', join(out, 'voices.safetensors'), ...(vocoder ? ['--vocoder', vocoder] : []));
speakers.forEach(({ name }, i) => copyFileSync(recordingOf(recordings, name, i + 3), join(out, 'samples', `${name}.wav`)));
