/** NumPy's array files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3. */
import { AtelierError } from '../../core/errors.ts';

export type NpyArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array;
export interface Npy {
  /** NumPy's name: uint8, float32, ... */
  dtype: string;
  shape: number[];
  values: NpyArray;
}

interface Kind {
  name: string;
  bytes: number;
  make: (buffer: ArrayBuffer) => NpyArray;
}
const KINDS: Record<string, Kind> = {
  b1: { name: 'bool', bytes: 1, make: (b) => new Uint8Array(b) },
  u1: { name: 'uint8', bytes: 1, make: (b) => new Uint8Array(b) },
  i1: { name: 'int8', bytes: 1, make: (b) => new Int8Array(b) },
  u2: { name: 'uint16', bytes: 2, make: (b) => new Uint16Array(b) },
  i2: { name: 'int16', bytes: 2, make: (b) => new Int16Array(b) },
  u4: { name: 'uint32', bytes: 4, make: (b) => new Uint32Array(b) },
  i4: { name: 'int32', bytes: 4, make: (b) => new Int32Array(b) },
  i8: { name: 'int64', bytes: 8, make: (b) => new BigInt64Array(b) },
  u8: { name: 'uint64', bytes: 8, make: (b) => new BigUint64Array(b) },
  f4: { name: 'float32', bytes: 4, make: (b) => new Float32Array(b) },
  f8: { name: 'float64', bytes: 8, make: (b) => new Float64Array(b) },
};

/** @throws AtelierError 'bad-data' for anything but a whole numeric array in C order */
export function parseNpy(bytes: Uint8Array, name: string): Npy {
  const bad = (why: string, remedy = 'Save it again with numpy.savez(...).'): AtelierError => new AtelierError('bad-data', `${name} is not a NumPy array that can be read: ${why}.`, remedy);
  if (bytes.length < 12 || bytes[0] !== 0x93 || Buffer.from(bytes.subarray(1, 6)).toString('latin1') !== 'NUMPY') throw bad('it does not begin with \\x93NUMPY');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const headerAt = wide ? 12 : 10;
  const dataAt = headerAt + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (dataAt > bytes.length) throw bad('its header was cut off');
  const header = Buffer.from(bytes.subarray(headerAt, dataAt)).toString('utf8');
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || dims === undefined) throw bad('its header lacks the order or the shape');
  if (descr === undefined) throw bad('it holds records or objects', 'Save plain arrays: images as uint8 or float32, labels as integers.');
  const kind = KINDS[descr.slice(1)];
  if (!kind) throw bad(`its type is ${describeType(descr)}; numbers were expected`, "Save the images as array.astype('uint8') or 'float32', the labels as integers.");
  const shape = dims.split(',').map((s) => s.trim()).filter((s) => s !== '').map(Number);
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0)) throw bad(`its shape is (${dims})`);
  const count = shape.reduce((a, b) => a * b, 1);
  if (count * kind.bytes !== bytes.length - dataAt) throw bad(`its shape (${shape.join(', ')}) of ${kind.name} takes ${count * kind.bytes} bytes, and it has ${bytes.length - dataAt}`);
  if (order === 'True' && shape.length > 1) throw bad('it is in Fortran order', 'Save numpy.ascontiguousarray(array).');
  const own = new Uint8Array(count * kind.bytes); // aligned, whatever the header's length
  own.set(bytes.subarray(dataAt));
  if (descr[0] === '>' && kind.bytes > 1) swapBytes(own, kind.bytes);
  return { dtype: kind.name, shape, values: kind.make(own.buffer) };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

function describeType(descr: string): string {
  const kinds: Record<string, string> = { O: 'Python objects', U: 'text', S: 'bytes', c: 'complex numbers', M: 'dates', f: 'half or long floats' };
  return `${descr} (${kinds[descr[1]] ?? 'unknown'})`;
}
