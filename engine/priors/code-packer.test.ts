import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rng } from '../core/rng.ts';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { codePacker } from './code-packer.ts';
import { priorOf, type ListedGrid } from './index.ts';
import { priorSampler } from './sampler.ts';

vi.setConfig({ testTimeout: 60_000 });

const TOP: ListedGrid = { name: 'top', height: 4, width: 4, codes: 16, alphabets: 2, classes: 2, at: 0, first: 0 };
const BOTTOM: ListedGrid = { name: 'bottom', height: 8, width: 8, codes: 12, alphabets: 1, classes: 2, at: 16, first: 16 };
let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu', { threads: 1 });
});
afterAll(() => device.dispose());

const modelOf = (grids: ListedGrid[]) => {
  const family = priorOf('pixelcnn');
  const model = family.build(family.parse({ ...family.tiny, attention: 1 }), grids);
  const weights = Object.fromEntries(model.params.map((p) => [p.name, p.init(rng(3, p.name)).map((v, i) => 2 * v + 0.1 * Math.sin(i))]));
  return { model, weights };
};

test.each([['one grid', [{ ...TOP, codes: 32 }]], ['two grids', [TOP, BOTTOM]]])('codes of %s come back, in the bits that the prior says', async (_, grids) => {
  const { model, weights } = modelOf(grids);
  const sampler = priorSampler(device, model, weights);
  const count = 19; // more than two groups
  const codes = await sampler.sample(count, 5, { labels: new Int32Array(count).fill(-1) });
  const packer = codePacker(device, model, weights);
  const { bytes, estimatedBits } = await packer.pack(codes);
  const estimate = estimatedBits.reduce((a, b) => a + b, 0);
  expect(bytes.length * 8).toBeLessThan(estimate + 16 * 3 + 16); // the check values are two bytes a group, and there are three
  expect(bytes.length * 8).toBeGreaterThan(estimate);
  // Codes drawn from the prior take about its entropy, and less than when all were alike.
  expect(estimate).toBeLessThan(count * grids.reduce((sum, g) => sum + g.height * g.width * Math.log2(g.codes / g.alphabets), 0));
  const again = codePacker(device, model, weights);
  expect(await again.unpack(bytes, count)).toEqual(codes);
  const spoilt = bytes.slice();
  spoilt[bytes.length >> 2] ^= 64;
  await expect(again.unpack(spoilt, count)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/Pictures \d+ to \d+ of 19 do not come back/) });
  for (const each of [sampler, packer, again]) each.dispose();
});

test('the coarse grid may stand alone; the estimate is the cross-entropy of the whole pass', async () => {
  const { model, weights } = modelOf([TOP, BOTTOM]);
  const sampler = priorSampler(device, model, weights);
  const codes = await sampler.sample(3, 6);
  const packer = codePacker(device, model, weights);
  const all = await packer.pack(codes);
  const coarse = await packer.pack(codes, { grids: 1 });
  expect(coarse.bytes.length).toBeLessThan(all.bytes.length / 2);
  const back = await packer.unpack(coarse.bytes, 3, { grids: 1 });
  back.forEach((code, i) => expect(code).toBe(i % 80 < 16 ? codes[i] : 0));
  const state = device.createState(Object.fromEntries(model.params.map(({ name, shape }) => [name, { shape, values: weights[name] }])));
  const program = await device.compile('nats', (given, params) => ({ outputs: model.inspect(params, { images: given.images, labels: given.labels }, {}).items }), {
    inputs: { images: { shape: [3, 1, 80, 1], dtype: 'float32' }, labels: { shape: [3], dtype: 'int32' } }, state,
  });
  const { codesNats } = await program.run({ images: Float32Array.from(codes), labels: Int32Array.of(-1, -1, -1) });
  codesNats.forEach((nats, i) => expect(all.estimatedBits[i] / (nats / Math.LN2)).toBeCloseTo(1, 3));
});
