/** Critics of sound: each looks at the magnitudes of one resolution and says how real every part is (UnivNet, Jang et al. 2021). */
import * as tf from '@tensorflow/tfjs-core';
import { stopGradient } from '../nn/gradients.ts';
import { heNormal, param, zeros, type Params, type ParamSpec } from '../nn/layer.ts';
import { magnitudes, stft } from '../nn/stft.ts';

const LOOKS = [
  { size: 512, hop: 256 },
  { size: 1024, hop: 256 },
] as const;
/** Magnitudes are raised to this, so that what is soft counts too. */
const COMPRESSION = 0.3;

export interface Critics {
  readonly params: readonly ParamSpec[];
  /** Nought, with a gradient of nought for every parameter. */
  idle(params: Params): tf.Tensor;
  /**
   * One exchange; gradients of `judgement` reach only the critics, those of the others only `made`.
   * @param made @param target samples `[B, N]`
   */
  play(params: Params, made: tf.Tensor, target: tf.Tensor): { persuasion: tf.Tensor; features: tf.Tensor; judgement: tf.Tensor };
}

export function critics(channels: number): Critics {
  const shape = [
    { kernel: [3, 9], stride: [1, 2], inputs: 1, outputs: channels },
    { kernel: [3, 9], stride: [1, 2], inputs: channels, outputs: channels },
    { kernel: [3, 9], stride: [2, 2], inputs: channels, outputs: 2 * channels },
    { kernel: [3, 3], stride: [1, 1], inputs: 2 * channels, outputs: 2 * channels },
    { kernel: [3, 3], stride: [1, 1], inputs: 2 * channels, outputs: 1 },
  ] as const;
  const nameOf = (look: number, layer: number) => `critic/${look}/${layer}`;
  const params = LOOKS.flatMap((_, look) =>
    shape.flatMap(({ kernel: [h, w], inputs, outputs }, layer) => [
      param(`${nameOf(look, layer)}/kernel`, [h, w, inputs, outputs], heNormal(h * w * inputs), { decay: true }),
      param(`${nameOf(look, layer)}/bias`, [outputs], zeros),
    ]),
  );
  const view = (x: tf.Tensor, look: number): tf.Tensor => {
    const found = tf.pow(magnitudes(stft(x, LOOKS[look])), COMPRESSION);
    return tf.expandDims(found, 3);
  };
  /** What every layer says, the verdict last. */
  const look = (all: Params, seen: tf.Tensor, which: number): tf.Tensor[] => {
    const out: tf.Tensor[] = [];
    let x = seen;
    shape.forEach(({ stride }, layer) => {
      const name = nameOf(which, layer);
      x = tf.add(tf.conv2d(x as tf.Tensor4D, all[`${name}/kernel`] as tf.Tensor4D, stride as [number, number], 'same'), all[`${name}/bias`]);
      if (layer < shape.length - 1) x = tf.leakyRelu(x, 0.1);
      out.push(x);
    });
    return out;
  };
  const away = (x: tf.Tensor, from: number) => tf.mean(tf.square(tf.sub(x, from)));
  const mean = (all: tf.Tensor[]) => tf.div(tf.addN(all), all.length);
  return {
    params,
    idle: (all) => tf.mul(tf.addN(params.map(({ name }) => tf.sum(all[name]))), 0),
    play(all, made, target) {
      const fixed = Object.fromEntries(params.map(({ name }) => [name, stopGradient(all[name])]));
      const persuasion: tf.Tensor[] = [];
      const features: tf.Tensor[] = [];
      const judgement: tf.Tensor[] = [];
      LOOKS.forEach((_, which) => {
        const fakeView = view(made, which);
        const realView = stopGradient(view(target, which));
        const real = look(all, realView, which);
        const fake = look(all, stopGradient(fakeView), which);
        judgement.push(tf.add(away(real.at(-1)!, 1), away(fake.at(-1)!, 0)));
        const felt = look(fixed, fakeView, which);
        persuasion.push(away(felt.at(-1)!, 1));
        felt.slice(0, -1).forEach((x, i) => {
          const same = stopGradient(real[i]);
          features.push(tf.div(tf.mean(tf.abs(tf.sub(x, same))), tf.add(tf.mean(tf.abs(same)), 1e-3)));
        });
      });
      return { persuasion: mean(persuasion), features: mean(features), judgement: mean(judgement) };
    },
  };
}
