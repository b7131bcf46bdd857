// @ts-check
/** Makes a fresh clone able to run: `node build/setup.mjs`. Every launcher calls the parts it needs first. */
import { pathToFileURL } from 'node:url';
import { getElectron } from './setup/electron.mjs';
import { installPackages } from './setup/packages.mjs';
import { launch, Problem, say } from './setup/run.mjs';
import { installSystemLibraries } from './setup/system-libraries.mjs';

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Problem(`Latent Atelier needs Node 20.19 or newer; this is ${process.versions.node}. Install a current Node, then try again.`);
  }
}

/**
 * @param {{ electron?: boolean, libraries?: boolean, browser?: boolean }} needs `electron`: the desktop shell; `libraries`: what it needs
 * to run (default: with it); `browser`: Chromium for tests
 * @returns {Promise<import('./setup/electron.mjs').ElectronChoice | null>}
 */
export async function setUp(needs = {}) {
  checkNode();
  await installPackages();
  if (!needs.electron) return null;
  if (needs.libraries !== false) await installSystemLibraries(needs.browser ? ['chromium'] : []);
  return getElectron();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await launch(async () => {
    const electron = await setUp({ electron: true, browser: true });
    say(`Ready: Node ${process.versions.node}, Electron ${electron?.version}${electron?.stock ? '' : ' (development fallback)'}.`);
  });
}
