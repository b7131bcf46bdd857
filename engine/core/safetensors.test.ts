import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors, readSafetensors, writeSafetensors } from './safetensors.ts';

const sample = {
  'p/weights': { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, -0.5) },
  codes: { shape: [3], values: Int32Array.of(7, -8, 9) },
  mask: { shape: [5], values: Uint8Array.of(1, 0, 1, 0, 1) },
  fine: { shape: [], values: Float64Array.of(Math.PI) },
  ids: { shape: [1], values: BigInt64Array.of(123456789012345n) },
  empty: { shape: [0, 4], values: new Float32Array(0) },
};
const whole = (): Buffer => Buffer.concat(encodeSafetensors(sample, { kind: 'vae' }));

function withHeader(header: unknown, data: Uint8Array): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

test('what is written is read back, with its metadata', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'atelier-')), 'a.safetensors');
  await writeSafetensors(path, sample, { kind: 'vae', step: '200' });
  const { tensors, metadata } = await readSafetensors(path);
  expect(tensors).toEqual(sample);
  expect(metadata).toEqual({ kind: 'vae', step: '200' });
});

test('the bytes follow the format: length, JSON header, little-endian data', () => {
  const bytes = Buffer.concat(encodeSafetensors({ a: { shape: [2], values: Float32Array.of(1, 2) } }));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  expect(header.a).toEqual({ dtype: 'F32', shape: [2], data_offsets: [0, 8] });
  expect(bytes.readFloatLE(8 + length)).toBe(1);
  expect(bytes.readFloatLE(8 + length + 4)).toBe(2);
});

test('a file cut off at any byte is refused, never misread', () => {
  const bytes = whole();
  for (let n = 0; n < bytes.length; n++) {
    expect(() => decodeSafetensors(bytes.subarray(0, n), 'cut.safetensors'), `cut at ${n}`).toThrow(/cut\.safetensors is not a whole/);
  }
});

test('one flipped bit in the data is noticed', () => {
  const bytes = whole();
  bytes[bytes.length - 1] ^= 1;
  expect(() => decodeSafetensors(bytes)).toThrow(/checksum/);
});

const liars: [string, unknown, number, RegExp][] = [
  ['header that is no JSON', '{"a":', 4, /not JSON/],
  ['header that is a list', [1], 4, /not an object/],
  ['unknown type', { a: { dtype: 'Q4', shape: [1], data_offsets: [0, 4] } }, 4, /type Q4/],
  ['type from the prototype', { a: { dtype: 'constructor', shape: [1], data_offsets: [0, 4] } }, 4, /type constructor/],
  ['shape that wants more', { a: { dtype: 'F32', shape: [1000000000], data_offsets: [0, 4] } }, 4, /has 4 bytes/],
  ['negative dimension', { a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4, /no valid shape/],
  ['place past the end', { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 4, /cut off/],
  ['end before begin', { a: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } }, 4, /before it begins/],
  ['overlap', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] }, b: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 4, /overlap/],
  ['bytes nobody names', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 8, /header names 4/],
  ['null entry', { a: null }, 0, /type undefined/],
];
test.each(liars)('a lying file is refused: %s', (_, header, size, says) => {
  expect(() => decodeSafetensors(withHeader(header, new Uint8Array(size)))).toThrow(says);
});

test('a header length of exabytes is refused before anything is allocated', () => {
  expect(() => decodeSafetensors(new Uint8Array(16).fill(255))).toThrow(/claims 18446744073709551615 bytes/);
});

test('a missing file and a wrong length of values are named', async () => {
  await expect(readSafetensors('/no/such/file')).rejects.toMatchObject({ code: 'not-found' });
  expect(() => encodeSafetensors({ a: { shape: [3], values: Float32Array.of(1) } })).toThrow(/"a" has 1 values but the shape \[3\]/);
});

test('files without a checksum, as others write them, are read', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'atelier-')), 'b.safetensors');
  await writeFile(path, withHeader({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(Float32Array.of(2.5).buffer)));
  expect((await readSafetensors(path)).tensors.a.values[0]).toBe(2.5);
  expect((await readFile(path)).length).toBeGreaterThan(8);
});

test('16-bit floats, as others write them, are read as 32-bit ones', () => {
  const header = JSON.stringify({ w: { dtype: 'F16', shape: [6], data_offsets: [0, 12] } });
  const bytes = Buffer.alloc(8 + header.length + 12);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  [0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7bff].forEach((bits, i) => bytes.writeUInt16LE(bits, 8 + header.length + 2 * i));
  const { values } = decodeSafetensors(bytes).tensors.w;
  expect(Array.from(values as Float32Array)).toEqual([1, -2, 0.333251953125, 2 ** -24, -0, 65504]);
  expect(() => decodeSafetensors(bytes.subarray(0, bytes.length - 2))).toThrow(/cut off|bytes/);
});
