// @ts-check
/**
 * `npm run package`: the application unpacked in release/ and as an archive. `--release` makes the installers of this platform
 * instead (AppImage and deb, dmg, nsis); their tools are downloaded, and only stock Electron will do.
 */
import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { setUp } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { launch, Problem, say } from './setup/run.mjs';

/**
 * @param {import('./setup/electron.mjs').ElectronChoice} electron
 * @param {{ release?: boolean }} [options]
 * @returns {Promise<{ executable: string, files: string[] }>} the unpacked program, and all that was made
 */
export async function makePackage(electron, { release = false } = {}) {
  if (release && !electron.stock) throw new Problem('Installers are made with the stock Electron only, which could not be downloaded here.');
  if (!electron.stock) say('Packaging with the development Electron: good for trying out, not for giving away.');
  await bundle();
  const { path7za } = await import('7zip-bin');
  if (process.platform !== 'win32' && existsSync(path7za)) chmodSync(path7za, 0o755);
  process.env.ELECTRON_BUILDER_7ZIP_PATH ??= path7za;
  const { build } = await import('electron-builder');
  const { packagingConfig } = await import('./electron-builder.mjs');
  const files = await build({
    projectDir: root,
    config: { ...packagingConfig({ targets: release ? 'release' : 'folder' }), electronVersion: electron.version, electronDist: electron.folder },
    publish: 'never',
  });
  return { executable: unpackedProgram(), files };
}

function unpackedProgram() {
  const folder = join(root, 'release');
  const unpacked = readdirSync(folder).find((name) => /unpacked$|^mac/.test(name) && statSync(join(folder, name)).isDirectory());
  if (!unpacked) throw new Problem('electron-builder left no unpacked application in release/.');
  if (process.platform === 'darwin') return join(folder, unpacked, 'Latent Atelier.app', 'Contents', 'MacOS', 'Latent Atelier');
  return join(folder, unpacked, process.platform === 'win32' ? 'Latent Atelier.exe' : 'latent-atelier');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await launch(async () => {
    const electron = await setUp({ electron: true, libraries: false });
    if (!electron) throw new Problem('There is no Electron to package.');
    const { executable, files } = await makePackage(electron, { release: process.argv.includes('--release') });
    for (const file of [executable, ...files]) say(file);
  });
}
