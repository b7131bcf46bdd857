/**
 * Trains what the sample project holds, with the project's own command line, and puts it into assets/sample: a VQ-VAE of the emoji, a
 * class-conditional prior over its codes, and a style VQ-VAE of three styles. Run by hand when the engine or the families change:
 * `node build/assets/samples.mjs` (15 and 12 minutes on 2 cores, 14 on one). `--model <run>`, `--prior <run>` and `--styles <run>` take finished
 * runs instead; `shipped` keeps the one that ships.
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
const { values: given } = parseArgs({ options: { model: { type: 'string' }, prior: { type: 'string' }, styles: { type: 'string' } } });
/** Frames of the map that ship: its history can be scrubbed. */
const FRAMES = 6;

const scratch = mkdtempSync(join(tmpdir(), 'atelier-sample-'));
try {
  const atelier = (...args) => execFileSync(process.execPath, [join(root, 'build/atelier.mjs'), ...args], { stdio: 'inherit', env: { ...process.env, ATELIER_HOME: join(scratch, 'home') } });
  const model = join(scratch, 'emoji');
  const prior = join(scratch, 'emoji-prior');
  const styles = join(scratch, 'emoji-styles');
  /** Whether a finished run was named; it is then in its place. @param {'model' | 'prior' | 'styles'} what @param {string} run @param {string} name */
  const taken = (what, run, name) => {
    if (!given[what]) return false;
    cpSync(given[what] === 'shipped' ? join(sample, 'runs', name) : given[what], run, { recursive: true });
    return true;
  };
  if (!taken('model', model, 'emoji')) atelier('train', 'vq-vae', '--preset', 'quick', '--data', 'builtin:emoji', '--size', '64', '--minutes', '15', '--seed', '1', '--name', 'Emoji, 512 codes', '--out', model);
  if (!taken('prior', prior, 'emoji-prior')) atelier('train', 'prior', '--codes-of', model, '--code-dropout', '0.1', '--batch-size', '16', '--learning-rate', '0.0015', '--minutes', '11.5', '--seed', '1', '--name', 'Emoji, prior by class', '--out', prior);
  if (!taken('styles', styles, 'emoji-styles')) atelier('train', 'style-vq-vae', '--preset', 'unpaired', '--data', 'builtin:emoji-styles', '--size', '32', '--stride', '4', '--augment-flip', '--weight-ema', '0.995', '--weight-decay', '0.02', '--minutes', '14', '--seed', '1', '--out', styles);

  slimRun(model, { frames: FRAMES, previews: 2 });
  slimRun(styles, { frames: 0, previews: 1, half: true });
  slimRun(prior, { frames: 0, previews: 1, half: true });
  slimRun(join(prior, 'codec'), { frames: 0, previews: 0 });
  /** @param {string} run @param {(record: any) => object} changes */
  const amend = (run, changes) => {
    const file = join(run, 'run.json');
    const record = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, `${JSON.stringify({ ...record, ...changes(record) }, null, 2)}\n`);
  };
  amend(prior, ({ codec }) => ({ name: 'Emoji, prior by class', codec: { ...codec, run: '../emoji' } }));
  // The newest model is what a window opens with: that is the first one.
  const { createdAt } = JSON.parse(readFileSync(join(model, 'run.json'), 'utf8'));
  amend(styles, () => ({ name: 'Emoji, three styles', createdAt: new Date(Date.parse(createdAt) - 60_000).toISOString() }));

  rmSync(sample, { recursive: true, force: true });
  mkdirSync(join(sample, 'runs'), { recursive: true });
  mkdirSync(join(sample, 'data'), { recursive: true });
  writeFileSync(join(sample, 'data/.gitkeep'), '');
  writeFileSync(join(sample, 'project.json'), `${JSON.stringify({ fileFormat: 'latent-atelier-project', fileVersion: 1, name: 'Sample: emoji', createdAt: new Date().toISOString() }, null, 2)}\n`);
  for (const [run, name] of [[model, 'emoji'], [prior, 'emoji-prior'], [styles, 'emoji-styles']]) cpSync(run, join(sample, 'runs', name), { recursive: true });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
