/**
 * Trains what the sample project holds, with the project's own command line, and puts it into assets/sample: a VQ-VAE of the emoji, and a
 * class-conditional prior over its codes. Run by hand when the engine or the families change: `node build/assets/samples.mjs`
 * (15 and 12 minutes on 2 cores). `--model <run>` and `--prior <run>` take finished runs instead; `--model shipped` keeps the one that ships.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { slimRun } from './slim.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const sample = join(root, 'assets/sample');
const { values: given } = parseArgs({ options: { model: { type: 'string' }, prior: { type: 'string' } } });

const scratch = mkdtempSync(join(tmpdir(), 'atelier-sample-'));
try {
  const atelier = (...args) => execFileSync(process.execPath, [join(root, 'build/atelier.mjs'), ...args], { stdio: 'inherit', env: { ...process.env, ATELIER_HOME: join(scratch, 'home') } });
  const model = join(scratch, 'emoji');
  const prior = join(scratch, 'emoji-prior');
  const shipped = given.model === 'shipped';
  if (given.model) cpSync(shipped ? join(sample, 'runs/emoji') : given.model, model, { recursive: true });
  else atelier('train', 'vq-vae', '--preset', 'quick', '--data', 'builtin:emoji', '--size', '64', '--minutes', '15', '--seed', '1', '--name', 'Emoji, 512 codes', '--out', model);
  if (given.prior) cpSync(given.prior, prior, { recursive: true });
  else atelier('train', 'prior', '--codes-of', model, '--code-dropout', '0.1', '--batch-size', '16', '--learning-rate', '0.0015', '--minutes', '11.5', '--seed', '1', '--name', 'Emoji, prior by class', '--out', prior);

  slimRun(model, { frames: shipped ? Infinity : 12, previews: 4 });
  slimRun(prior, { frames: 0, previews: 2, half: true });
  slimRun(join(prior, 'codec'), { frames: 0, previews: 0 });
  const file = join(prior, 'run.json');
  const record = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify({ ...record, name: 'Emoji, prior by class', codec: { ...record.codec, run: '../emoji' } }, null, 2)}\n`);

  rmSync(sample, { recursive: true, force: true });
  mkdirSync(join(sample, 'runs'), { recursive: true });
  mkdirSync(join(sample, 'data'), { recursive: true });
  writeFileSync(join(sample, 'data/.gitkeep'), '');
  writeFileSync(join(sample, 'project.json'), `${JSON.stringify({ fileFormat: 'latent-atelier-project', fileVersion: 1, name: 'Sample: emoji', createdAt: new Date().toISOString() }, null, 2)}\n`);
  for (const [run, name] of [[model, 'emoji'], [prior, 'emoji-prior']]) cpSync(run, join(sample, 'runs', name), { recursive: true });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
