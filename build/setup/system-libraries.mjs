// @ts-check
import { existsSync } from 'node:fs';
import { Problem, read, run, say } from './run.mjs';

/** What Electron needs on a bare Debian, and Xvfb, which gives it a display where there is none. */
const packages = [
  'libgtk-3-0', 'libnss3', 'libnspr4', 'libasound2', 'libgbm1', 'libdrm2', 'libcups2', 'libdbus-1-3', 'libatk1.0-0', 'libatk-bridge2.0-0',
  'libatspi2.0-0', 'libxkbcommon0', 'libxcomposite1', 'libxdamage1', 'libxfixes3', 'libxrandr2', 'libxext6', 'libx11-6', 'libxcb1',
  'libpango-1.0-0', 'libcairo2', 'libexpat1', 'libudev1', 'xvfb', 'xauth',
];

/** From Debian 13 and Ubuntu 24.04 on, libraries with 64-bit time carry another name. */
const renamed = new Set(['libgtk-3-0', 'libasound2', 'libcups2', 'libatk1.0-0', 'libatk-bridge2.0-0', 'libatspi2.0-0']);

/** @param {string[]} names @returns {string[]} those that are not installed under either name */
function missingOf(names) {
  const asked = names.flatMap((name) => (renamed.has(name) ? [name, `${name}t64`] : [name]));
  const lines = read('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...asked]).out.split('\n');
  const installed = new Set(lines.filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return names.filter((name) => !installed.has(name) && !(renamed.has(name) && installed.has(`${name}t64`)));
}

/**
 * Looks for the system packages that are missing and installs them when it may, else names the command that does.
 * Does nothing on systems without apt.
 * @param {string[]} [more] further packages, e.g. a browser for the tests
 */
export async function installSystemLibraries(more = []) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return;
  const missing = missingOf([...packages, ...more]);
  if (missing.length === 0) return;
  const available = missing.map((name) => {
    const later = `${name}t64`;
    return renamed.has(name) && !hasCandidate(name) && hasCandidate(later) ? later : name;
  });
  if (process.getuid?.() !== 0) {
    throw new Problem(`Some system libraries are missing. Install them with:\n\n  sudo apt-get install -y --no-install-recommends ${available.join(' ')}\n`);
  }
  say(`Installing system libraries: ${available.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...available], { env, quiet: true });
  if ((await install()) === 0) return;
  await run('apt-get', ['update', '-qq'], { env });
  if ((await install()) !== 0) {
    throw new Problem(`apt-get could not install some system libraries. Try:\n\n  apt-get update && apt-get install -y --no-install-recommends ${available.join(' ')}\n`);
  }
}

/** @param {string} name */
function hasCandidate(name) {
  return /Candidate: (?!\(none\))/.test(read('apt-cache', ['policy', name]).out);
}
