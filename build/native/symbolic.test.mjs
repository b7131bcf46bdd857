// @ts-check
import { expect, test } from 'vitest';
import { markSymbolic } from './symbolic.mjs';

/** The least of an ELF file: a header, one PT_DYNAMIC program header, and a dynamic section. @param {[bigint, bigint][]} entries */
function library(entries) {
  const bytes = Buffer.alloc(64 + 56 + 16 * entries.length);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes[4] = 2;
  bytes[5] = 1;
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(2, 64);
  bytes.writeBigUInt64LE(120n, 64 + 8);
  bytes.writeBigUInt64LE(BigInt(16 * entries.length), 64 + 32);
  entries.forEach(([tag, value], i) => {
    bytes.writeBigUInt64LE(tag, 120 + 16 * i);
    bytes.writeBigUInt64LE(value, 128 + 16 * i);
  });
  return bytes;
}

test('the mark takes the place of the hint and nothing else changes', () => {
  const bytes = library([[5n, 100n], [0x6ffffff9n, 36267n], [0n, 0n]]);
  expect(markSymbolic(bytes)).toBe(true);
  expect(bytes).toEqual(library([[5n, 100n], [16n, 0n], [0n, 0n]]));
  expect(markSymbolic(bytes)).toBe(false);
});

test('a library without room, and what is no library, are refused', () => {
  expect(() => markSymbolic(library([[5n, 100n], [0n, 0n], [0x6ffffff9n, 1n]]))).toThrow('no entry');
  expect(() => markSymbolic(Buffer.from('not a library at all, just words that are long enough to look at'))).toThrow('not a 64-bit');
});
