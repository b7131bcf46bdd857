// @ts-check
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DT_SYMBOLIC = 16n;
const DT_RELACOUNT = 0x6ffffff9n;
const PT_DYNAMIC = 2;

/**
 * Marks a 64-bit little-endian ELF library as "symbolic": its references to what it defines itself are bound to itself, whatever
 * else the process has loaded. The mark takes the place of DT_RELACOUNT, a mere hint to the loader (System V ABI, "Dynamic
 * Section").
 * @param {Buffer} library changed in place
 * @returns {boolean} whether it was changed; false when it carries the mark already
 * @throws Error when it is no such library or has no place for the mark
 */
export function markSymbolic(library) {
  if (library.length < 64 || library.readUInt32BE(0) !== 0x7f454c46 || library[4] !== 2 || library[5] !== 1) throw new Error('This is not a 64-bit little-endian ELF file.');
  const headers = Number(library.readBigUInt64LE(32));
  const size = library.readUInt16LE(54);
  const count = library.readUInt16LE(56);
  let free = -1;
  for (let i = 0; i < count; i++) {
    const header = headers + i * size;
    if (library.readUInt32LE(header) !== PT_DYNAMIC) continue;
    const begin = Number(library.readBigUInt64LE(header + 8));
    const end = begin + Number(library.readBigUInt64LE(header + 32));
    for (let entry = begin; entry < end; entry += 16) {
      const tag = library.readBigUInt64LE(entry);
      if (tag === DT_SYMBOLIC) return false;
      if (tag === DT_RELACOUNT) free = entry;
      if (tag === 0n) break;
    }
  }
  if (free < 0) throw new Error('The library has no entry that could carry the mark.');
  library.writeBigUInt64LE(DT_SYMBOLIC, free);
  library.writeBigUInt64LE(0n, free + 8);
  return true;
}

/**
 * Prepares the image library for Electron on Linux; see sharp.mjs for why. Does nothing elsewhere, or when done already.
 * @param {string} modules the `node_modules` folder
 */
export function prepareImageLibrary(modules) {
  if (process.platform !== 'linux') return;
  const folder = join(modules, '@img', `sharp-libvips-linux-${process.arch}`, 'lib');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((each) => each.startsWith('libvips-cpp.so'))) {
    const file = join(folder, name);
    const library = readFileSync(file);
    if (!markSymbolic(library)) continue;
    writeFileSync(`${file}.new`, library, { mode: 0o755 });
    renameSync(`${file}.new`, file);
  }
}
