// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fallbackFolder, fallbackIsReady, makeFallback } from './electron-fallback.mjs';
import { cacheFolder, root } from './paths.mjs';
import { run, say } from './run.mjs';

const memory = join(cacheFolder, 'electron-source.json');
const dayMs = 86_400_000;

/**
 * @typedef {object} ElectronChoice
 * @property {string} executable
 * @property {string} folder what electron-builder calls `electronDist`
 * @property {string} version
 * @property {boolean} stock false for the development fallback
 */

/**
 * Finds Electron, or gets it: the stock binary where its server answers, else the fallback. Which of the two is remembered for
 * a week, so that a machine without that server does not wait for it at each start.
 * @returns {Promise<ElectronChoice>}
 */
export async function getElectron() {
  const present = findElectron();
  if (present) return present;
  if (!recentlyUnreachable() && (await serverAnswers())) {
    say('Fetching Electron (once, 110 MB)...');
    const proxied = proxyIsSet() ? { ELECTRON_GET_USE_PROXY: '1' } : {};
    if ((await run(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], { env: { ...process.env, ...proxied } })) === 0) {
      const stock = findStock();
      if (stock) return stock;
    }
  }
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(memory, JSON.stringify({ unreachableAt: Date.now() }));
  await makeFallback();
  return fallback();
}

/** Electron as it is now, without the network; null when there is none. A stock binary wins. */
export function findElectron() {
  const stock = findStock();
  if (stock) return stock;
  return fallbackIsReady() && recentlyUnreachable() ? fallback() : null;
}

/** @returns {ElectronChoice | null} */
function findStock() {
  const folder = join(root, 'node_modules', 'electron', 'dist');
  const pathFile = join(root, 'node_modules', 'electron', 'path.txt');
  if (!existsSync(pathFile) || !existsSync(join(folder, 'version'))) return null;
  const executable = join(folder, readFileSync(pathFile, 'utf8'));
  const version = readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '');
  const wanted = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version;
  return existsSync(executable) && version === wanted ? { executable, folder, version, stock: true } : null;
}

/** @returns {ElectronChoice} */
function fallback() {
  return { executable: join(fallbackFolder, 'electron'), folder: fallbackFolder, version: '33.2.1', stock: false };
}

function recentlyUnreachable() {
  try {
    return Date.now() - JSON.parse(readFileSync(memory, 'utf8')).unreachableAt < 7 * dayMs;
  } catch {
    return false;
  }
}

const proxyIsSet = () => ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].some((name) => process.env[name]);

/** Whether the server of the stock binary answers within four seconds; behind a proxy the download itself has to tell. */
async function serverAnswers() {
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror;
  try {
    await fetch(mirror ?? 'https://github.com/electron/electron/releases', { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(4000) });
    return true;
  } catch {
    return proxyIsSet();
  }
}
