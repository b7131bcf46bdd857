// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './setup/paths.mjs';

/**
 * A hash of the names, sizes and times of files: enough to tell that nothing changed, in milliseconds.
 * @param {string[]} paths files and folders below the root
 * @param {RegExp} [skip] relative paths to leave out
 */
export function stampOf(paths, skip = /(^|\/)(node_modules|dist|\.git)(\/|$)/) {
  const hash = createHash('sha1');
  /** @param {string} path */
  const visit = (path) => {
    if (skip.test(path)) return;
    const full = join(root, path);
    if (!existsSync(full)) return void hash.update(`${path} absent\n`);
    const info = statSync(full);
    if (info.isDirectory()) for (const name of readdirSync(full).sort()) visit(`${path}/${name}`);
    else hash.update(`${path} ${info.size} ${info.mtimeMs}\n`);
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}

/** @param {string} name where the last stamp of this name is kept */
const stampFile = (name) => join(root, 'dist', 'stamps', name);

/** @param {string} name @param {string} stamp */
export function isFresh(name, stamp) {
  return existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === stamp;
}

/** @param {string} name @param {string} stamp */
export function keepStamp(name, stamp) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), stamp);
}
