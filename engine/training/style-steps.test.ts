/** Whole steps of the style VQ-VAE on a set of pairs: compiled against eager, with partners and with a critic. */
import '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { eagerDevice, openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { modelOf } from './checkpoint.ts';
import { rectangles } from './memory-set.fixture.ts';
import { planRun } from './plan.ts';
import { openSession } from './session.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Each name once in either class. */
const base = rectangles({ count: 32, side: 16 });
const images = { ...base, labels: base.labels.map((_, i) => i % 2), itemName: (i: number) => `${base.classes[i % 2]}/${i >> 1}.png` };

async function run(device: Device, config: object) {
  const info = planRun({ family: 'style-vq-vae', config: { hidden: 16, residualLayers: 1, stride: 4, codes: 8, codeSize: 4, styleSize: 4, reviveEvery: 0, ...config }, seed: 3, training: { steps: 20, batchSize: 4, warmupSteps: 0 } }, images, 'cpu', '');
  const session = await openSession(info, modelOf(info), images, device);
  await session.start();
  const results = [];
  for (let step = 0; step < 3; step++) results.push(await session.step({ step: step + 5, steps: 20 }));
  session.dispose();
  return results;
}

test.each<[string, object]>([
  ['pairs and structure', { pairs: true, structure: 0.5 }],
  ['a critic', { adversarial: 0.5, adversarialStart: 0 }],
  ['look-alikes and a critic', { lookAlikes: true, structure: 0.5, adversarial: 0.5, adversarialStart: 0 }],
])('%s: traced and eager agree over three steps', async (_, config) => {
  const [traced, eager] = [await run(await openDevice('cpu'), config), await run(await eagerDevice(), config)];
  traced.forEach(({ loss, metrics, gradientNorm }, i) => {
    expect(Math.abs(loss - eager[i].loss)).toBeLessThan(2e-4 * Math.max(1, Math.abs(loss)));
    expect(Math.abs(gradientNorm - eager[i].gradientNorm)).toBeLessThan(5e-3 * Math.max(1, gradientNorm));
    for (const name of ['psnrDb', 'styleLeak', 'pairPsnrDb', 'criticLoss', 'strayed'].filter((n) => n in metrics)) expect(metrics[name], name).toBeCloseTo(eager[i].metrics[name], 2);
  });
});
