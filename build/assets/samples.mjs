/**
 * Trains what the sample project holds, with the project's own command line, and puts it into assets/sample.
 * Run by hand when the engine or the families change: `node build/assets/samples.mjs [minutes]` (15 by default, on 2 cores).
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const sample = join(root, 'assets/sample');
const minutes = process.argv[2] ?? '15';
const KEEP_FRAMES = 12;
const KEEP_PREVIEWS = 4;

const scratch = mkdtempSync(join(tmpdir(), 'atelier-sample-'));
const run = join(scratch, 'emoji');
try {
  const atelier = (...args) => execFileSync(process.execPath, [join(root, 'build/atelier.mjs'), ...args], { stdio: 'inherit', env: { ...process.env, ATELIER_HOME: join(scratch, 'home') } });
  atelier('train', 'vq-vae', '--preset', 'quick', '--data', 'builtin:emoji', '--size', '64', '--minutes', minutes, '--seed', '1', '--name', 'Emoji, 512 codes', '--out', run);

  thin(join(run, 'map'), /^frame-.*\.safetensors$/, KEEP_FRAMES);
  thin(join(run, 'previews'), /^\d+$/, KEEP_PREVIEWS);
  thin(join(run, 'checkpoints'), /\.safetensors$/, 1);
  for (const gone of ['log.txt', 'lock']) rmSync(join(run, gone), { force: true });

  rmSync(sample, { recursive: true, force: true });
  mkdirSync(join(sample, 'runs'), { recursive: true });
  mkdirSync(join(sample, 'data'), { recursive: true });
  writeFileSync(join(sample, 'data/.gitkeep'), '');
  writeFileSync(join(sample, 'project.json'), `${JSON.stringify({ fileFormat: 'latent-atelier-project', fileVersion: 1, name: 'Sample: emoji', createdAt: new Date().toISOString() }, null, 2)}\n`);
  cpSync(run, join(sample, 'runs/emoji'), { recursive: true });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Keeps `keep` of the matching entries, spread evenly over time, the newest always. */
function thin(folder, pattern, keep) {
  const names = readdirSync(folder).filter((n) => pattern.test(n)).sort();
  const kept = new Set(Array.from({ length: keep }, (_, i) => names[Math.round(((names.length - 1) * (i + 1)) / keep)]));
  for (const name of names) if (!kept.has(name)) rmSync(join(folder, name), { recursive: true });
}
