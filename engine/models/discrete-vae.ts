/**
 * VAE with categorical latents, trained through the Gumbel-softmax (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017).
 * Category k of variable n has the code n * K + k, so that codes of different variables are never the same.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { field } from '../core/settings.ts';
import { klToUniform } from '../nn/divergences.ts';
import { dense } from '../nn/dense.ts';
import { straightThrough } from '../nn/gradients.ts';
import { gumbel } from '../nn/gumbel.ts';
import type { Params } from '../nn/layer.ts';
import { rampUp } from '../nn/schedules.ts';
import type { Model, Progress } from './define.ts';
import { defineModel } from './family.ts';
import { pixels } from './pixels.ts';
import { vaeNetwork } from './vae-network.ts';
import { vaeSchema } from './vae-schema.ts';

const { network, width, residualLayers, hidden, likelihood, binarise, beta, klWarmup } = vaeSchema.shape;

const schema = z.object({
  variables: field(z.number().int().min(1).max(1024).default(20), 'Variables', 'Questions N that the latent answers about a picture.'),
  categories: field(z.number().int().min(2).max(1024).default(10), 'Categories', 'Answers K to choose from for each.'),
  temperatureStart: field(z.number().min(0.05).max(10).default(1), 'First temperature', 'Softness of the choice at the start: high lets gradients through, low is close to a real choice.'),
  temperatureEnd: field(z.number().min(0.05).max(10).default(0.5), 'Last temperature', 'Softness at the end of the ramp.'),
  temperatureRamp: field(z.number().min(0).max(1).default(0.7), 'Temperature ramp', 'Part of the training over which the temperature falls, by the same factor at each step.'),
  straightThrough: field(z.boolean().default(false), 'Straight-through', 'The decoder sees real choices; gradients pass as if they were soft.'),
  network, width, residualLayers, hidden, likelihood, binarise, beta, klWarmup,
});

export const discreteVae = defineModel({
  kind: 'discrete-vae',
  version: 1,
  title: 'Discrete VAE',
  summary: 'Describes a picture by a few choices among categories instead of numbers; samples by choosing at random.',
  latent: 'codes',
  schema,
  presets: [
    { id: 'digits', title: 'Digits', summary: 'Twenty variables of ten categories, binarised pictures.', config: { binarise: 'threshold' }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'pictures', title: 'Pictures', summary: 'Sixty-four variables of 16 categories.', config: { variables: 64, categories: 16 }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'hard', title: 'Real choices', summary: 'Straight-through: training sees what sampling will.', config: { straightThrough: true }, training: { learningRate: 5e-4, batchSize: 64 } },
  ],
  tiny: { variables: 3, categories: 4, width: 4, residualLayers: 1, hidden: 8, klWarmup: 0 },
  build(config, input): Model {
    const { variables: n, categories: k } = config;
    const { encoder, decoder } = vaeNetwork(config, input, n * k);
    const head = dense('encoder/logits', encoder.size, n * k);
    const p = pixels(config, input);
    /** `[B, N, K]` */
    const logits = (all: Params, shown: tf.Tensor) => tf.reshape(head.apply(all, encoder.features(all, shown)), [-1, n, k]);
    const flat = (choice: tf.Tensor) => tf.reshape(choice, [-1, n * k]);
    const hard = (scores: tf.Tensor) => tf.oneHot(tf.argMax(scores, 2) as tf.Tensor2D, k, 1, 0, 'float32');
    const decodeChoice = (all: Params, choice: tf.Tensor) => p.picture(decoder.apply(all, flat(choice)));
    /** Offsets by which categories become codes, `[1, N]`. */
    const offsets = () => tf.tensor2d(Int32Array.from({ length: n }, (_, i) => i * k), [1, n], 'int32');
    const choose = (scores: tf.Tensor) => tf.add(tf.argMax(scores, 2), offsets());
    const probabilities = (all: Params, images: tf.Tensor) => tf.softmax(logits(all, p.shown(images)));
    return {
      input,
      latent: { kind: 'codes', size: n * k, height: 1, width: n, codes: n * k, dimensions: k, alphabets: n },
      params: [...encoder.params, ...head.params, ...decoder.params, ...p.params],
      prior: 'uniform-codes',
      noise: (batch) => ({ choice: { shape: [batch, n, k], kind: 'uniform' }, ...p.noise(batch) }),
      hyper: {
        beta: ({ step, steps }) => config.beta * rampUp(step + 1, config.klWarmup * steps),
        temperature: (progress: Progress) => temperatureAt(config, progress),
      },
      straightThrough: config.straightThrough ? (name) => name.startsWith('encoder/') : undefined,
      loss(all, batch, noise, hyper) {
        const { target, shown } = p.pictures(batch, noise);
        const scores = logits(all, shown);
        const soft = tf.softmax(tf.div(tf.add(scores, gumbel(noise.choice)), hyper.temperature));
        const choice = config.straightThrough ? straightThrough(soft, hard(soft)) : soft;
        const klNats = tf.mean(tf.sum(klToUniform(scores), 1));
        const reconstructionNats = tf.mean(p.logLikelihood(all, target, decoder.apply(all, flat(choice))));
        const loss = tf.div(tf.sub(tf.mul(hyper.beta, klNats), reconstructionNats), p.dims);
        return { loss, metrics: { elboNats: tf.sub(reconstructionNats, klNats), reconstructionNats, klNats } };
      },
      // The bound of real choices, which is the one that counts; in training it is that of the soft ones.
      inspect(all, batch, noise) {
        const { target, shown } = p.pictures(batch, noise);
        const scores = logits(all, shown);
        const drawn = hard(tf.add(scores, gumbel(noise.choice)));
        const reconstructionNats = p.logLikelihood(all, target, decoder.apply(all, flat(drawn)));
        const klPerDimension = klToUniform(scores);
        const klNats = tf.sum(klPerDimension, 1);
        const elboNats = tf.sub(reconstructionNats, klNats);
        const chances = tf.softmax(scores);
        const reconstruction = decodeChoice(all, hard(chances));
        const logQ = tf.sum(tf.mul(drawn, tf.logSoftmax(scores)), [1, 2]);
        return {
          reconstruction,
          latent: flat(chances),
          codes: choose(chances),
          klPerDimension,
          logWeight: tf.sub(tf.sub(reconstructionNats, n * Math.log(k)), logQ),
          items: { elboNats, reconstructionNats, klNats, bitsPerDim: p.bitsPerDim(elboNats), mse: tf.mean(tf.square(tf.sub(reconstruction, target)), [1, 2, 3]) },
        };
      },
      encode: (all, images) => flat(probabilities(all, images)),
      encodeCodes: (all, images) => choose(probabilities(all, images)),
      decode: (all, latent) => decodeChoice(all, hard(tf.reshape(latent, [-1, n, k]))),
      decodeCodes: (all, codes) => decodeChoice(all, tf.oneHot(tf.sub(codes, offsets()) as tf.Tensor2D, k, 1, 0, 'float32')),
    };
  },
});

/** Falls by the same factor at each step until the ramp's end. */
export function temperatureAt(config: { temperatureStart: number; temperatureEnd: number; temperatureRamp: number }, { step, steps }: Progress): number {
  const { temperatureStart, temperatureEnd, temperatureRamp } = config;
  return temperatureStart * (temperatureEnd / temperatureStart) ** rampUp(step, temperatureRamp * steps);
}
