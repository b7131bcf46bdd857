import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { eagerDevice, openDevice } from './index.ts';
import { adamInputs, adamState, vqInputs, vqParameters, vqStep } from './vq-step.fixture.ts';

const sizes = { batch: 2, size: 16, hidden: 16, residualHidden: 8, residualLayers: 2, dim: 8, codes: 16 };

test('five Adam steps of a VQ-VAE agree with eager tfjs', async () => {
  const x = rng(7).fillUniform(new Float32Array(sizes.batch * 16 * 16 * 3)).map((v) => v - 0.5);
  const runs = [];
  for (const device of [await eagerDevice(), await openDevice('cpu')]) {
    const state = device.createState(adamState(vqParameters(sizes)));
    const program = await device.compile('train', vqStep(sizes), { inputs: vqInputs(sizes), state });
    const losses = [];
    for (let t = 1; t <= 5; t++) losses.push((await program.run({ x, ...adamInputs(t) })).loss[0]);
    runs.push({ losses, state: await state.read() });
  }
  const [eager, native] = runs;
  eager.losses.forEach((l, i) => expect(Math.abs(native.losses[i] - l) / l).toBeLessThan(1e-4));
  for (const name of Object.keys(eager.state)) {
    const scale = Math.max(...eager.state[name].map(Math.abs));
    const worst = Math.max(...Array.from(eager.state[name], (v, i) => Math.abs(v - native.state[name][i])));
    expect(worst / scale, name).toBeLessThan(1e-4);
  }
});
