/**
 * The `.atl` file: magic, version, grids written, the first 8 bytes of the fingerprints of model and prior, number of pictures, lengths of text and
 * stream (32-bit little-endian), a deflated JSON text (names), the stream of the range coder, CRC-32 of all before.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { AtelierError } from '../../core/errors.ts';

export interface Container {
  /** Hexadecimal; the first 16 digits count. */
  model: string;
  prior: string;
  /** Grids of codes in the stream, the coarsest first. */
  grids: number;
  /** For people: what wrote it. */
  writtenBy: string;
  /** Of the pictures, without folder and ending. */
  names: string[];
  stream: Uint8Array;
}

const MAGIC = 'ATLC';
const VERSION = 1;
const PRINT = 8;
const HEAD = 4 + 2 + 2 * PRINT + 12;
const MOST_TEXT = 64 * 2 ** 20;

export function encodeContainer({ model, prior, grids, writtenBy, names, stream }: Container): Uint8Array {
  const text = deflateRawSync(JSON.stringify({ writtenBy, names }), { level: 9 });
  const bytes = Buffer.alloc(HEAD + text.length + stream.length + 4);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt8(VERSION, 4);
  bytes.writeUInt8(grids, 5);
  bytes.write(model, 6, PRINT, 'hex');
  bytes.write(prior, 6 + PRINT, PRINT, 'hex');
  [names.length, text.length, stream.length].forEach((n, i) => bytes.writeUInt32LE(n, 6 + 2 * PRINT + 4 * i));
  text.copy(bytes, HEAD);
  bytes.set(stream, HEAD + text.length);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}

/** @throws AtelierError 'bad-data' for another kind of file, one cut short or damaged; 'newer-version' */
export function decodeContainer(given: Uint8Array, path: string): Container {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const bad = (what: string) => new AtelierError('bad-data', `${path} ${what}.`, 'Take another copy of the file; it is written by: atelier compress.');
  if (bytes.length < 4 || bytes.toString('latin1', 0, 4) !== MAGIC) throw bad('is no file of compressed pictures');
  if (bytes.length > 4 && bytes[4] > VERSION) throw new AtelierError('newer-version', `${path} is of version ${bytes[4]}; this application reads up to ${VERSION}.`, 'Update Latent Atelier.');
  if (bytes.length < HEAD + 4) throw bad(`is cut short: it has ${bytes.length} bytes`);
  const [count, textLength, streamLength] = [0, 1, 2].map((i) => bytes.readUInt32LE(6 + 2 * PRINT + 4 * i));
  const whole = HEAD + textLength + streamLength + 4;
  if (bytes.length < whole) throw bad(`is cut short: it has ${bytes.length} of ${whole} bytes`);
  if (bytes.length > whole) throw bad(`has ${bytes.length - whole} bytes too many`);
  if (bytes.readUInt32LE(whole - 4) !== crc32(bytes.subarray(0, whole - 4))) throw bad('is damaged: its checksum is wrong');
  const text = readText(bytes.subarray(HEAD, HEAD + textLength));
  if (!text || text.names.length !== count) throw bad('is damaged: its list of names does not hold');
  return { model: bytes.toString('hex', 6, 6 + PRINT), prior: bytes.toString('hex', 6 + PRINT, 6 + 2 * PRINT), grids: bytes[5], ...text, stream: new Uint8Array(bytes.subarray(HEAD + textLength, whole - 4)) };
}

function readText(bytes: Uint8Array): { writtenBy: string; names: string[] } | null {
  try {
    const { writtenBy, names } = JSON.parse(inflateRawSync(bytes, { maxOutputLength: MOST_TEXT }).toString()) as { writtenBy: unknown; names: unknown };
    return typeof writtenBy === 'string' && Array.isArray(names) && names.every((n) => typeof n === 'string') ? { writtenBy, names: names as string[] } : null;
  } catch {
    return null;
  }
}
