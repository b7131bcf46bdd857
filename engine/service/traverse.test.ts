import { expect, test } from 'vitest';
import { decodeSheet } from '../image/index.ts';
import type { OpenedRun } from './trained-cache.ts';
import { manifold, traverse } from './traverse.ts';

/** A "model" whose picture is its latent: pixel i has the value (z_i + 4) / 8. */
function opened(size: number, more: { kl?: number[]; usesLabels?: boolean } = {}): OpenedRun {
  const seen: { labels?: Int32Array } = {};
  return {
    seen,
    folder: { loadPreview: async () => (more.kl ? { klPerDimension: Float32Array.from(more.kl) } : null) },
    images: async () => ({ name: 'Set', count: 3, labels: Int32Array.of(1, 0, 1), read: async () => new Float32Array(size).fill(0.75) }),
    trained: {
      info: { name: 'Test', data: { classes: ['a', 'b'] } },
      model: { latent: { kind: 'vector', size }, input: { height: 1, width: size, channels: 1 }, usesLabels: more.usesLabels },
      encode: async (x: Float32Array) => x.map((v) => v * 8 - 4),
      decode: async (z: Float32Array, labels?: Int32Array) => {
        seen.labels = labels;
        return z.map((v) => (v + 4) / 8);
      },
    },
  } as unknown as OpenedRun & { seen: typeof seen };
}
const base = { run: '/r', from: 'centre' as const, seed: 0, steps: 3, range: 2 };
const bytes = async (sheet: Parameters<typeof decodeSheet>[0]) => Array.from(await decodeSheet(sheet, 1));
/** The byte of a latent value. */
const b = (z: number) => Math.floor(((z + 4) / 8) * 255 + 0.5);

test('a row a dimension, the most informative first, the others at nought', async () => {
  const found = await traverse({ ...base, dimensions: undefined }, opened(3, { kl: [0.1, 2, 0.5] }));
  expect(found.values).toEqual([-2, 0, 2]);
  expect(found.rows.map((r) => r.dimension)).toEqual([1, 2, 0]);
  expect(found.rows[0].klNats).toBe(2);
  expect(found.sheet).toMatchObject({ count: 9, columns: 3 });
  expect((await bytes(found.sheet)).slice(0, 12)).toEqual([b(0), b(-2), b(0), b(0), b(0), b(0), b(0), b(2), b(0), b(0), b(0), b(-2)]);
  expect(found.original).toBeNull();
});

test('from an item the other dimensions are held at its own values', async () => {
  const found = await traverse({ ...base, item: 2, dimensions: [0] }, opened(2));
  expect(found.rows).toEqual([{ dimension: 0, klNats: null, at: 2 }]);
  expect(await bytes(found.sheet)).toEqual([b(-2), b(2), b(0), b(2), b(2), b(2)]);
  expect(found.original).toMatchObject({ count: 1 });
});

test('a class is named, or the item\'s own is held', async () => {
  const run = opened(2, { usesLabels: true }) as OpenedRun & { seen: { labels?: Int32Array } };
  await traverse({ ...base, dimensions: [0], label: 'b' }, run);
  expect(Array.from(run.seen.labels!)).toEqual([1, 1, 1]);
  await traverse({ ...base, dimensions: [0], item: 1 }, run);
  expect(Array.from(run.seen.labels!)).toEqual([0, 0, 0]);
  await expect(traverse({ ...base, label: 'z' }, run)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining("'z'") });
  await expect(traverse({ ...base, label: 'a' }, opened(2))).rejects.toMatchObject({ code: 'bad-input' });
});

test('bad places are named', async () => {
  await expect(traverse({ ...base, dimensions: [5] }, opened(3))).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('no dimension 5') });
  await expect(traverse({ ...base, item: 9 }, opened(3))).rejects.toMatchObject({ code: 'bad-input' });
  await expect(traverse({ ...base, item: 1, path: '/x.png' }, opened(3))).rejects.toMatchObject({ code: 'bad-input' });
  await expect(manifold({ run: '/r', side: 4, seed: 0, dimensions: [1, 1] }, opened(3))).rejects.toMatchObject({ code: 'bad-input' });
  await expect(manifold({ run: '/r', side: 4, seed: 0 }, opened(1))).rejects.toMatchObject({ code: 'bad-input' });
});

test('the plane: quantiles of the normal across and upwards', async () => {
  const found = await manifold({ run: '/r', side: 2, seed: 0 }, opened(2, { kl: [1, 2] }));
  expect(found.dimensions).toEqual([1, 0]);
  const q = 0.67449; // the upper quartile of N(0, 1)
  expect(found.values[0]).toBeCloseTo(-q, 5);
  expect(found.values[1]).toBeCloseTo(q, 5);
  // pictures are [z0, z1]; z1 grows to the right, z0 upwards
  expect(await bytes(found.sheet)).toEqual([b(q), b(-q), b(q), b(q), b(-q), b(-q), b(-q), b(q)]);
});

test('of a discrete VAE a row is a variable and a column a category', async () => {
  const codes = {
    folder: { loadPreview: async () => null },
    trained: {
      info: { name: 'Discrete', data: { classes: [] } },
      model: { latent: { kind: 'codes', size: 6, height: 1, width: 2, codes: 6, dimensions: 3, alphabets: 2 }, input: { height: 1, width: 2, channels: 1 } },
      decodeCodes: async (c: Int32Array) => Float32Array.from(c, (v) => v / 8),
    },
  } as unknown as OpenedRun;
  const found = await traverse({ ...base, dimensions: [1] }, codes);
  expect(found.values).toEqual([0, 1, 2]);
  const pixels = await bytes(found.sheet);
  const code = (v: number) => Math.floor((v / 8) * 255 + 0.5);
  expect([pixels[1], pixels[3], pixels[5]]).toEqual([code(3), code(4), code(5)]);
  expect(new Set([pixels[0], pixels[2], pixels[4]]).size).toBe(1);
  await expect(manifold({ run: '/r', side: 2, seed: 0 }, codes)).rejects.toMatchObject({ code: 'bad-input' });
});
