import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { createBatches, flipSome } from './batches.ts';
import { countCodes, drawCodes, uniformCodes } from './code-frequencies.ts';
import { drawNoise } from './noise.ts';
import { cadence } from './plan.ts';
import { trainingPlan } from '../../electron/contract/runs.ts';
import { createWatch } from './watch.ts';

const items = Int32Array.from({ length: 10 }, (_, i) => i + 100);

test('an epoch shows each item once, the next in another order, and any step can be asked for first', () => {
  const at = createBatches(items, 5, 1);
  const epoch = (e: number) => [...at(2 * e), ...at(2 * e + 1)];
  expect(epoch(0).sort()).toEqual([...items]);
  expect(epoch(0)).not.toEqual(epoch(1));
  expect(createBatches(items, 5, 1)(3)).toEqual(at(3));
  expect(createBatches(items, 5, 2)(3)).not.toEqual(at(3));
  expect(createBatches(items.slice(0, 2), 5, 1)(7)).toHaveLength(5);
});

test('flips mirror whole pictures', () => {
  const picture = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const mirrored = [5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8];
  const seen = new Set<string>();
  for (let step = 0; step < 20; step++) {
    const pixels = Float32Array.from([...picture, ...picture]);
    flipSome(pixels, { height: 2, width: 3, channels: 2 }, 0, step);
    for (const half of [pixels.slice(0, 12), pixels.slice(12)]) {
      expect([String(picture), String(mirrored)]).toContain(String([...half]));
      seen.add(String([...half]));
    }
  }
  expect(seen.size).toBe(2);
});

test('noise depends on seed, step and name alone', () => {
  const specs = { a: { shape: [3], kind: 'normal' }, b: { shape: [2, 2], kind: 'uniform' } } as const;
  const first = drawNoise(specs, [1, 'noise', 5], 'noise/');
  expect(first).toEqual(drawNoise(specs, [1, 'noise', 5], 'noise/'));
  expect(first).not.toEqual(drawNoise(specs, [1, 'noise', 6], 'noise/'));
  expect(drawNoise({ b: specs.b }, [1, 'noise', 5], 'noise/')['noise/b']).toEqual(first['noise/b']);
  for (const v of first['noise/b']) expect(v >= 0 && v < 1).toBe(true);
});

test('codes are drawn as often as they were counted, place by place', () => {
  const latent = { kind: 'codes', size: 0, height: 1, width: 2, codes: 3, dimensions: 1 } as const;
  const counted = countCodes(Int32Array.of(0, 2, 0, 2, 1, 2, 0, 2), latent);
  expect(counted).toEqual({ rows: 2, values: Float32Array.of(3, 1, 0, 0, 0, 4) });
  const drawn = drawCodes(counted, latent, 4000, rng(1), 1);
  const share = (code: number, place: number) => [...drawn].filter((c, i) => i % 2 === place && c === code).length / 4000;
  expect(share(0, 0)).toBeCloseTo(0.75, 1);
  expect(share(1, 0)).toBeCloseTo(0.25, 1);
  expect(share(2, 1)).toBe(1);
  const cold = drawCodes(counted, latent, 100, rng(1), 0);
  expect(new Set([...cold].filter((_, i) => i % 2 === 0))).toEqual(new Set([0]));
  const any = drawCodes({ rows: 1, values: Float32Array.of(0, 0, 1) }, latent, 10, rng(2), 1);
  expect(new Set(any)).toEqual(new Set([2]));
  expect(() => drawCodes({ rows: 1, values: Float32Array.of(1) }, latent, 1, rng(1), 1)).toThrow(/1 values for 1 rows of 3 codes/);
});

test('views take a bounded number of times whatever the length', () => {
  const plan = trainingPlan.parse({});
  expect(cadence(plan, 1000)).toEqual({ evaluate: 100, views: 100, log: 10 });
  const long = cadence(plan, 100_000);
  expect(100_000 / long.evaluate).toBeLessThanOrEqual(200);
  expect(100_000 / long.views).toBeLessThanOrEqual(41);
  expect(long.views % long.evaluate).toBe(0);
});

test('the watch averages, and names what broke first', () => {
  const watch = createWatch();
  const step = (loss: number, metric: number, norm = 1) => ({ loss, gradientNorm: norm, learningRate: 0.1, metrics: { mse: metric }, gradientNorms: { names: ['a', 'b'], values: Float32Array.of(1, norm) } });
  expect(watch.add(step(2, 1))).toBeNull();
  expect(watch.add(step(4, 3))).toBeNull();
  expect(watch.take()).toEqual({ loss: 3, gradientNorm: 1, learningRate: 0.1, mse: 2 });
  expect(watch.add(step(NaN, NaN))).toMatch(/metric 'mse' is not a number/);
  expect(watch.add(step(Infinity, 1))).toMatch(/loss is infinite/);
  expect(watch.add(step(1, 1, NaN))).toMatch(/gradient of 'b' is not a number/);
  expect(watch.add(step(1e6, 1))).toMatch(/grew to/);
});

test('uniform codes stay within the alphabet of their column', () => {
  const latent = { kind: 'codes', size: 12, height: 2, width: 4, codes: 6, dimensions: 2, alphabets: 2 } as const;
  const codes = drawCodes(uniformCodes(latent), latent, 50, rng(1), 1);
  codes.forEach((code, i) => expect(Math.floor(code / 3)).toBe(i % 2));
  expect(new Set(codes).size).toBe(6);
  expect(uniformCodes({ ...latent, alphabets: undefined })).toEqual({ rows: 1, values: new Float32Array(6).fill(1) });
});

test('each of several grids draws only codes of its own, counted for the grid where one a cell would be too many', () => {
  const side = { name: 'top', height: 2, width: 2, codes: 4, first: 0 };
  const latent = { kind: 'codes', size: 0, height: 1, width: 20, codes: 8, dimensions: 1, grids: [side, { ...side, name: 'bottom', height: 4, width: 4, first: 4 }] } as const;
  const own = (codes: Int32Array, cells = 20, top = 4) => [...codes].every((code, i) => code < 4 === i % cells < top);
  expect(own(drawCodes(uniformCodes(latent), latent, 50, rng(1), 1))).toBe(true);
  const grids = [{ ...side, height: 64, width: 64, codes: 512 }, { ...side, name: 'bottom', height: 128, width: 128, codes: 512, first: 512 }] as const;
  const cells = 64 * 64 * 5;
  const large = { kind: 'codes', size: 0, height: 1, width: cells, codes: 1024, dimensions: 1, grids } as const;
  const counted = countCodes(Int32Array.from({ length: cells }, (_, i) => (i < 4096 ? 3 : 700)), large);
  expect(counted.rows).toBe(2);
  expect([counted.values[3], counted.values[1024 + 700]]).toEqual([4096, 4 * 4096]);
  expect([...drawCodes(counted, large, 1, rng(2), 1)].every((code, i) => code === (i < 4096 ? 3 : 700))).toBe(true);
});
