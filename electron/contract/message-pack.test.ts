import { expect, test } from 'vitest';
import { pack, unpack } from './message-pack.ts';

test('typed arrays keep their type and values, wherever they stand in the message', () => {
  const value = {
    a: 'x', positions: Float32Array.of(1.5, -2, 3e8), labels: Int32Array.of(-1, 7), wide: Float64Array.of(Math.PI), bytes: Uint8Array.of(1, 2, 255),
    nested: [{ empty: new Float32Array(0) }],
  };
  expect(unpack(pack(value))).toEqual(value);
});

test('so they do when the bytes are a view into a pool, as Node gives them', () => {
  const packed = pack({ positions: Float32Array.of(1, 2, 3) });
  const pool = new Uint8Array(packed.length + 7);
  pool.set(packed, 3);
  class Pooled extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end) as Uint8Array<ArrayBuffer>; // as Buffer does
    }
  }
  expect(unpack(new Pooled(pool.buffer, 3, packed.length))).toEqual({ positions: Float32Array.of(1, 2, 3) });
});

test('undefined properties are left out, null stays null', () => {
  expect(unpack(pack({ a: undefined, b: null }))).toEqual({ b: null });
});

test('a view into a larger buffer sends only its own part', () => {
  const whole = Float32Array.of(1, 2, 3, 4);
  expect(unpack(pack(whole.subarray(1, 3)))).toEqual(Float32Array.of(2, 3));
});

test('bytes that are not MessagePack throw', () => {
  expect(() => unpack(Uint8Array.of(0xc1, 1, 2))).toThrow();
});
