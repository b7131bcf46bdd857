import { expect, test } from 'vitest';
import { BLOCK, fromOctets, toOctets } from './octet-blocks.ts';
import { rng } from './rng.ts';

test('the largest of a block and nought come back, blocks have scales of their own', () => {
  const values = new Float32Array(BLOCK + 3);
  values.set([127, -127, 1, 0.4, 0]);
  values.set([0.5, -0.25, 0], BLOCK);
  const { octets, scales } = toOctets(values);
  expect([...octets.subarray(0, 5)]).toEqual([255, 1, 129, 128, 128]);
  expect(scales.length).toBe(2);
  const back = fromOctets({ octets, scales });
  expect([...back.subarray(0, 5)]).toEqual([127, -127, 1, 0, 0]);
  expect(back[BLOCK]).toBeCloseTo(0.5, 3);
  expect(back[BLOCK + 1]).toBeCloseTo(-0.25, 2);
  expect([...fromOctets(toOctets(new Float32Array(5)))]).toEqual([0, 0, 0, 0, 0]);
});

test('normal weights keep more than 42 dB', () => {
  const values = rng(1, 'weights').fillNormal(new Float32Array(6400));
  const back = fromOctets(toOctets(values));
  let power = 0, error = 0;
  values.forEach((v, i) => {
    power += v * v;
    error += (v - back[i]) ** 2;
  });
  expect(10 * Math.log10(power / error)).toBeGreaterThan(42);
});
