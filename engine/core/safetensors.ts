/**
 * The safetensors file format (https://huggingface.co/docs/safetensors): an unsigned 64-bit little-endian length, a JSON
 * header of that length, and the tensors' bytes, little-endian and row-major. Written here with a checksum of the bytes in
 * the metadata (`crc32`), so that a file damaged without losing length is recognised too.
 */
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeFileAtomic } from './atomic-file.ts';
import { sizeOf, type Shape } from './axes.ts';
import { AtelierError, toAtelierError } from './errors.ts';

export type SafeArray = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array;
export interface SafeTensor {
  shape: Shape;
  values: SafeArray;
}
export type SafeTensors = Record<string, SafeTensor>;
export interface SafeFile {
  tensors: SafeTensors;
  metadata: Record<string, string>;
}

const KINDS = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
  I64: BigInt64Array,
} as const;
type Kind = keyof typeof KINDS;
/** Read as 32-bit floats, never written. */
const HALF = 'F16';
const MAX_HEADER_BYTES = 100_000_000;
const REMEDY = 'Use another copy of the file or an earlier checkpoint.';

function kindOf(values: SafeArray, name: string): Kind {
  for (const kind of Object.keys(KINDS) as Kind[]) if (values instanceof KINDS[kind]) return kind;
  throw new AtelierError('bad-input', `Tensor "${name}" has values of a type that safetensors cannot hold.`, 'Use Float32Array, Float64Array, Int32Array, Uint8Array or BigInt64Array.');
}

const bytesOf = (a: SafeArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

/**
 * The file as chunks, without copying the tensors.
 * @throws AtelierError 'bad-input' when a shape and its values disagree
 */
export function encodeSafetensors(tensors: SafeTensors, metadata: Record<string, string> = {}): Uint8Array[] {
  const entries: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  let checksum = 0;
  // Wide types first keeps every tensor aligned to its own width.
  const names = Object.keys(tensors).sort((a, b) => tensors[b].values.BYTES_PER_ELEMENT - tensors[a].values.BYTES_PER_ELEMENT);
  for (const name of names) {
    const { shape, values } = tensors[name];
    if (sizeOf(shape) !== values.length) {
      throw new AtelierError('bad-input', `Tensor "${name}" has ${values.length} values but the shape [${shape.join(', ')}].`, 'Pass as many values as the shape asks for.');
    }
    const bytes = bytesOf(values);
    entries[name] = { dtype: kindOf(values, name), shape: [...shape], data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
    if (bytes.byteLength > 0) checksum = crc32(bytes, checksum); // of nothing, zlib answers 0 whatever came before
    parts.push(bytes);
  }
  const header = JSON.stringify({ __metadata__: { ...metadata, crc32: String(checksum) }, ...entries });
  const text = Buffer.from(header);
  const padded = Math.ceil(text.length / 8) * 8;
  const head = Buffer.alloc(8 + padded, 0x20);
  head.writeBigUInt64LE(BigInt(padded), 0);
  text.copy(head, 8);
  return [head, ...parts];
}

/** Writes the file atomically. @throws AtelierError 'disk-full' | 'no-permission' */
export async function writeSafetensors(path: string, tensors: SafeTensors, metadata: Record<string, string> = {}): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** @throws AtelierError 'not-found' | 'bad-data' */
export async function readSafetensors(path: string): Promise<SafeFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  return decodeSafetensors(bytes, path);
}

/**
 * @param name how messages call the file
 * @throws AtelierError 'bad-data' for a file that is cut off, overlong, inconsistent or whose checksum is wrong
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'the file'): SafeFile {
  const bad = (what: string): AtelierError => new AtelierError('bad-data', `${name} is not a whole safetensors file: ${what}.`, REMEDY);
  if (bytes.byteLength < 8) throw bad(`it has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) throw bad(`its header claims ${length} bytes`);
  const start = 8 + Number(length);
  if (start > bytes.byteLength) throw bad(`its header claims ${length} bytes, the file has ${bytes.byteLength}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    throw bad('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw bad('its header is not an object');
  const { __metadata__, ...entries } = header as Record<string, unknown>;
  const metadata = readMetadata(__metadata__, bad);
  const data = bytes.subarray(start);
  const tensors: SafeTensors = {};
  const ranges: { from: number; to: number }[] = [];
  for (const [key, entry] of Object.entries(entries)) {
    const { kind, shape, from, to } = readEntry(key, entry, bad);
    const half = kind === 'F16';
    if (to > data.byteLength) throw bad(`tensor "${key}" ends at byte ${to} of ${data.byteLength}; the file was cut off`);
    const width = half ? 2 : KINDS[kind].BYTES_PER_ELEMENT;
    if (to - from !== sizeOf(shape) * width) throw bad(`tensor "${key}" of shape [${shape.join(', ')}] has ${to - from} bytes`);
    const own = new Uint8Array(to - from); // a fresh buffer: aligned, and free of the whole file
    own.set(data.subarray(from, to));
    tensors[key] = { shape, values: half ? fromHalves(new Uint16Array(own.buffer)) : new KINDS[kind](own.buffer) };
    ranges.push({ from, to });
  }
  ranges.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const range of ranges) {
    if (range.from !== end) throw bad('its tensors overlap or leave gaps');
    end = range.to;
  }
  if (end !== data.byteLength) throw bad(`it has ${data.byteLength} bytes of tensors where its header names ${end}`);
  if (metadata.crc32 !== undefined && Number(metadata.crc32) !== crc32(data)) throw bad('its checksum is wrong');
  delete metadata.crc32;
  return { tensors, metadata };
}

type Bad = (what: string) => AtelierError;

function readMetadata(value: unknown, bad: Bad): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Object.values(value).some((v) => typeof v !== 'string')) throw bad('its metadata is not a table of texts');
  return { ...(value as Record<string, string>) };
}

function readEntry(key: string, entry: unknown, bad: Bad): { kind: Kind | typeof HALF; shape: number[]; from: number; to: number } {
  const { dtype, shape, data_offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || (dtype !== HALF && !Object.hasOwn(KINDS, dtype))) throw bad(`tensor "${key}" has the type ${String(dtype)}, which is not read here (F16, F32, F64, I32, I64, U8 are)`);
  const whole = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(whole)) throw bad(`tensor "${key}" has no valid shape`);
  if (!Array.isArray(data_offsets) || data_offsets.length !== 2 || !data_offsets.every(whole)) throw bad(`tensor "${key}" has no valid place`);
  const [from, to] = data_offsets as [number, number];
  if (from > to) throw bad(`tensor "${key}" ends before it begins`);
  return { kind: dtype as Kind | typeof HALF, shape: shape as number[], from, to };
}

/** IEEE 754 binary16, without its infinities. */
function fromHalves(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (b) => {
    const exponent = (b >> 10) & 31;
    const size = exponent === 0 ? (b & 1023) * 2 ** -24 : (1 + (b & 1023) / 1024) * 2 ** (exponent - 15);
    return b & 0x8000 ? -size : size;
  });
}
