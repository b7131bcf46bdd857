/**
 * MessagePack as both ends of the WebSocket speak it: typed arrays keep their type (MessagePack itself only knows bytes),
 * `undefined` properties are left out. Extension types 1 to 3 are little-endian Float32Array, Int32Array, Float64Array.
 */
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';

type View = Float32Array | Int32Array | Float64Array;
type ViewClass = { new (buffer: ArrayBuffer): View; name: string };

const codec = new ExtensionCodec();
([Float32Array, Int32Array, Float64Array] as ViewClass[]).forEach((Type, i) => {
  codec.register({
    type: i + 1,
    encode: (value) => (value instanceof Type ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null),
    // The bytes stand anywhere in the message; a copy puts them at an aligned address.
    decode: (bytes) => new Type(new Uint8Array(bytes).buffer),
  });
});

export function pack(value: unknown): Uint8Array {
  return encode(value, { extensionCodec: codec, ignoreUndefined: true });
}

/** @throws RangeError and others on bytes that are not MessagePack */
export function unpack(bytes: ArrayBuffer | Uint8Array): unknown {
  return decode(bytes, { extensionCodec: codec });
}
