/**
 * The `.atl` file: magic, version, grids written, the first 4 bytes of the fingerprints of model and prior, then the number of pictures and the
 * lengths of text and stream (7 bits a byte, the lowest first, the high bit set while more follow), the text, the stream of the range coder,
 * CRC-32 of all before. The text is deflated: what wrote it and, unless all are nameless, the names, a line each.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { AtelierError } from '../../core/errors.ts';

export interface Container {
  /** Hexadecimal; the first 8 digits count. */
  model: string;
  prior: string;
  /** Grids of codes in the stream, the coarsest first. */
  grids: number;
  /** For people: what wrote it. */
  writtenBy: string;
  /** Of the pictures, without folder and ending; without any, each is ''. */
  names: string[];
  stream: Uint8Array;
}

const MAGIC = 'ATLC';
const VERSION = 1;
const PRINT = 4;
const FIXED = 4 + 2 + 2 * PRINT;
const CHECK = 4;
const MOST_TEXT = 64 * 2 ** 20;

export function encodeContainer({ model, prior, grids, writtenBy, names, stream }: Container): Uint8Array {
  const line = (text: string): string => text.replaceAll('\n', ' ');
  const text = deflateRawSync([writtenBy, ...(names.some((name) => name !== '') ? names : [])].map(line).join('\n'), { level: 9 });
  const head = Buffer.from([...Buffer.from(MAGIC, 'latin1'), VERSION, grids, ...Buffer.from(model.slice(0, 2 * PRINT) + prior.slice(0, 2 * PRINT), 'hex'), ...[names.length, text.length, stream.length].flatMap(septets)]);
  const bytes = Buffer.concat([head, text, stream, Buffer.alloc(CHECK)]);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, bytes.length - CHECK)), bytes.length - CHECK);
  return bytes;
}

/** @throws AtelierError 'bad-data' for another kind of file, one cut short or damaged; 'newer-version' */
export function decodeContainer(given: Uint8Array, path: string): Container {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const bad = (what: string) => new AtelierError('bad-data', `${path} ${what}.`, 'Take another copy of the file; it is written by: atelier compress.');
  if (bytes.length < 4 || bytes.toString('latin1', 0, 4) !== MAGIC) throw bad('is no file of compressed pictures');
  if (bytes.length > 4 && bytes[4] > VERSION) throw new AtelierError('newer-version', `${path} is of version ${bytes[4]}; this application reads up to ${VERSION}.`, 'Update Latent Atelier.');
  const lengths = readSeptets(bytes, FIXED, 3);
  if (!lengths) throw bad(`is cut short: it has ${bytes.length} bytes`);
  const [count, textLength, streamLength] = lengths.values;
  const whole = lengths.end + textLength + streamLength + CHECK;
  if (bytes.length < whole) throw bad(`is cut short: it has ${bytes.length} of ${whole} bytes`);
  if (bytes.length > whole) throw bad(`has ${bytes.length - whole} bytes too many`);
  if (bytes.readUInt32LE(whole - CHECK) !== crc32(bytes.subarray(0, whole - CHECK))) throw bad('is damaged: its checksum is wrong');
  const text = readText(bytes.subarray(lengths.end, lengths.end + textLength), count);
  if (!text) throw bad('is damaged: its list of names does not hold');
  return { model: bytes.toString('hex', 6, 6 + PRINT), prior: bytes.toString('hex', 6 + PRINT, FIXED), grids: bytes[5], ...text, stream: new Uint8Array(bytes.subarray(lengths.end + textLength, whole - CHECK)) };
}

function septets(n: number): number[] {
  return n < 128 ? [n] : [(n % 128) + 128, ...septets(Math.floor(n / 128))];
}

/** @returns null where the bytes end first, or a number would be longer than 35 bits */
function readSeptets(bytes: Uint8Array, from: number, count: number): { values: number[]; end: number } | null {
  const values: number[] = [];
  let at = from;
  while (values.length < count) {
    let value = 0;
    for (let i = 0; ; i++) {
      if (at >= bytes.length || i === 5) return null;
      const byte = bytes[at++];
      value += (byte & 127) * 128 ** i;
      if (byte < 128) break;
    }
    values.push(value);
  }
  return { values, end: at };
}

function readText(bytes: Uint8Array, count: number): { writtenBy: string; names: string[] } | null {
  try {
    const [writtenBy, ...names] = inflateRawSync(bytes, { maxOutputLength: MOST_TEXT }).toString().split('\n');
    if (names.length === 0) return { writtenBy, names: Array.from({ length: count }, () => '') };
    return names.length === count ? { writtenBy, names } : null;
  } catch {
    return null;
  }
}
