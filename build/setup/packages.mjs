// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareImageLibrary } from '../native/symbolic.mjs';
import { root } from './paths.mjs';
import { Problem, read, run, say } from './run.mjs';

/**
 * Installs the npm packages when they are missing or the lock file is another than at the last installation.
 * Install scripts are off for everybody (`.npmrc`): each package we use carries its binaries inside.
 */
export async function installPackages() {
  await install();
  prepareImageLibrary(join(root, 'node_modules'));
}

async function install() {
  const mark = join(root, 'node_modules', '.latent-atelier');
  const platform = `${process.platform}-${process.arch}`;
  const wanted = `${platform} ${createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')}`;
  const found = existsSync(mark) ? readFileSync(mark, 'utf8') : platform;
  if (found === wanted) return;
  // Somebody may have run npm by hand.
  if (!found.startsWith(platform) || !isComplete()) {
    say('Installing npm packages (once, about a minute)...');
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' };
    const common = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // A registry that lacks the binaries of other platforms makes npm call the lock file incomplete; installing by it still works.
    const exact = read('npm', ['ci', ...common], { env });
    const code = exact.ok ? 0 : await run('npm', ['install', '--no-save', ...common], { env });
    if (code !== 0) throw new Problem('The npm packages could not be installed. Check the network, then run the same command again.');
  }
  writeFileSync(mark, wanted);
}

/** Whether npm's own record of what it installed names every package of the lock file that this platform needs. */
function isComplete() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, entry]) => path === '' || entry.optional || entry.peer || present[path]?.version === entry.version);
}
