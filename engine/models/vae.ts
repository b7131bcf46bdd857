/**
 * VAE (Kingma and Welling 2014; Rezende et al. 2014) with diagonal Gaussian posterior and standard normal prior;
 * beta-VAE (Higgins et al. 2017) by `beta`, capacity schedule (Burgess et al. 2018, eq. 8) by `capacity`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { klToStandardNormal, reparameterise } from '../nn/divergences.ts';
import { bernoulliLogLikelihood, discretisedLogisticLogLikelihood, gaussianLogLikelihood } from '../nn/likelihoods.ts';
import { constant, param, type Params } from '../nn/layer.ts';
import { rampUp } from '../nn/schedules.ts';
import type { ImageSpec, Model, NoiseSpec } from './define.ts';
import { defineModel, field } from './family.ts';
import { vaeNetwork } from './vae-network.ts';

export const vaeSchema = z.object({
  network: field(z.enum(['conv', 'dense']).default('conv'), 'Network', 'Convolutions for pictures, or plain dense layers.'),
  latentSize: field(z.number().int().min(1).max(1024).default(32), 'Latent size', 'Numbers D in the latent vector of a picture.'),
  width: field(z.number().int().min(4).max(512).default(32), 'Width', 'Channels after the first convolution; they double with each halving of the picture, four times at most.'),
  residualLayers: field(z.number().int().min(0).max(16).default(1), 'Residual layers', 'Residual blocks at the smallest size, on each side.'),
  hidden: field(z.number().int().min(0).max(4096).default(0), 'Hidden units', 'Units of a dense layer between convolutions and latent (0: none); of each of two layers in the dense network (0: 256).'),
  likelihood: field(
    z.enum(['auto', 'bernoulli', 'gaussian', 'logistic']).default('auto'),
    'Likelihood',
    'How pixels are scored: Bernoulli for black and white, Gaussian or discretised logistic for tones, with a spread that is learned. Auto takes Bernoulli for one channel or binarised pictures and logistic for colour.',
  ),
  binarise: field(
    z.enum(['none', 'threshold', 'stochastic']).default('none'),
    'Binarise',
    'Black and white pictures: fixed at one half, or drawn anew at each step with the grey value as the probability of white.',
  ),
  beta: field(z.number().min(0).max(1000).default(1), 'Beta', 'Weight of the KL term. Above 1: more independent latents, softer pictures.'),
  klWarmup: field(z.number().min(0).max(1).default(0.1), 'KL warm-up', 'Part of the training over which the weight of the KL grows from 0; helps against collapse.'),
  capacity: field(z.number().min(0).max(10000).default(0), 'Capacity', 'Nats that the KL is held at by the end of the ramp (Burgess 2018); 0 is off. Use a large beta with it.'),
  capacityRamp: field(z.number().min(0).max(1).default(0.5), 'Capacity ramp', 'Part of the training over which the capacity grows.'),
});
export type VaeConfig = z.output<typeof vaeSchema>;
type Likelihood = 'bernoulli' | 'gaussian' | 'logistic';

export const vae = defineModel({
  kind: 'vae',
  version: 1,
  title: 'VAE',
  summary: 'Squeezes a picture into a short vector; smooth to walk through and to sample from, reconstructions are soft.',
  latent: 'vector',
  schema: vaeSchema,
  presets: [
    { id: 'pictures', title: 'Pictures', summary: 'Convolutions and a logistic likelihood, 64 latents.', config: { latentSize: 64 }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'digits', title: 'Digits', summary: 'Small black and white pictures such as MNIST, binarised at one half.', config: { binarise: 'threshold', latentSize: 32 }, training: { learningRate: 2e-3, batchSize: 64 } },
    { id: 'beta', title: 'Beta-VAE', summary: 'Ten latents under beta 4, for directions that mean one thing each.', config: { beta: 4, latentSize: 10 }, training: { learningRate: 5e-4, batchSize: 64 } },
    { id: 'capacity', title: 'Capacity schedule', summary: 'The KL is let grow to 25 nats (Burgess 2018).', config: { beta: 100, capacity: 25, latentSize: 10, klWarmup: 0 }, training: { learningRate: 5e-4, batchSize: 64 } },
    { id: 'dense', title: 'Dense', summary: 'Two dense layers on each side: the VAE of the first paper.', config: { network: 'dense', hidden: 512, latentSize: 20 }, training: { learningRate: 1e-3, batchSize: 128 } },
  ],
  tiny: { latentSize: 3, width: 4, residualLayers: 1, hidden: 8, klWarmup: 0 },
  build(config, input): Model {
    const likelihood = chooseLikelihood(config, input);
    const { encoder, decoder } = vaeNetwork(config, input);
    const dims = input.height * input.width * input.channels;
    const shape = [input.height, input.width, input.channels];
    const spread = 'decoder/log-spread';
    const params = [...encoder.params, ...decoder.params, ...(likelihood === 'bernoulli' ? [] : [param(spread, [input.channels], constant(likelihood === 'gaussian' ? -3 : -2.5))])];

    const target = (images: tf.Tensor, noise: Params): tf.Tensor => {
      if (config.binarise === 'none') return images;
      return tf.cast(tf.greater(images, config.binarise === 'threshold' ? 0.5 : noise.binarise), 'float32');
    };
    const picture = (all: Params, z: tf.Tensor): tf.Tensor => {
      const out = decoder.apply(all, z);
      return likelihood === 'bernoulli' ? tf.sigmoid(out) : tf.clipByValue(tf.add(out, 0.5), 0, 1);
    };
    /** log p(x|z) of each item, `[B]`. */
    const logLikelihood = (all: Params, x: tf.Tensor, out: tf.Tensor): tf.Tensor => {
      const perPixel =
        likelihood === 'bernoulli' ? bernoulliLogLikelihood(x, out)
        : likelihood === 'gaussian' ? gaussianLogLikelihood(x, tf.add(out, 0.5), all[spread])
        : discretisedLogisticLogLikelihood(x, tf.add(out, 0.5), all[spread]);
      return tf.sum(perPixel, [1, 2, 3]);
    };
    const bound = (all: Params, images: tf.Tensor, noise: Params) => {
      const x = target(images, noise);
      const { mean, logVar } = encoder.posterior(all, x);
      const klPerDimension = klToStandardNormal(mean, logVar);
      const z = reparameterise(mean, logVar, noise.latent);
      const reconstruction = logLikelihood(all, x, decoder.apply(all, z));
      return { x, mean, logVar, z, klPerDimension, kl: tf.sum(klPerDimension, 1), reconstruction };
    };

    return {
      input,
      latent: { kind: 'vector', size: config.latentSize },
      params,
      prior: 'normal',
      noise: (batch) => ({
        latent: { shape: [batch, config.latentSize], kind: 'normal' } satisfies NoiseSpec,
        ...(config.binarise === 'stochastic' ? { binarise: { shape: [batch, ...shape], kind: 'uniform' } satisfies NoiseSpec } : {}),
      }),
      hyper: {
        beta: ({ step, steps }) => config.beta * rampUp(step + 1, config.klWarmup * steps),
        ...(config.capacity > 0 ? { capacityNats: ({ step, steps }: { step: number; steps: number }) => config.capacity * rampUp(step, config.capacityRamp * steps) } : {}),
      },
      loss(all, batch, noise, hyper) {
        const { kl, reconstruction } = bound(all, batch.images, noise);
        const klNats = tf.mean(kl);
        const reconstructionNats = tf.mean(reconstruction);
        let penalty = klNats;
        if (config.capacity > 0) {
          const excess = tf.sub(klNats, hyper.capacityNats);
          penalty = tf.add(tf.relu(excess), tf.relu(tf.neg(excess)));
        }
        // Per pixel, so that gradients have the same size whatever the picture's.
        const loss = tf.div(tf.sub(tf.mul(hyper.beta, penalty), reconstructionNats), dims);
        return { loss, metrics: { elboNats: tf.sub(reconstructionNats, klNats), reconstructionNats, klNats } };
      },
      inspect(all, batch, noise) {
        const { x, mean, logVar, z, klPerDimension, kl, reconstruction: logPx } = bound(all, batch.images, noise);
        const reconstruction = picture(all, mean);
        const elboNats = tf.sub(logPx, kl);
        // A density of values in [0, 1] against 256 levels: 8 bits more.
        const bitsPerDim = tf.add(tf.div(elboNats, -dims * Math.LN2), likelihood === 'gaussian' ? 8 : 0);
        const mse = tf.mean(tf.square(tf.sub(reconstruction, x)), [1, 2, 3]);
        // log p(z) - log q(z|x), in which the constants cancel.
        const logRatio = tf.mul(0.5, tf.sub(tf.add(logVar, tf.square(noise.latent)), tf.square(z)));
        const logWeight = tf.add(logPx, tf.sum(logRatio, 1));
        return { reconstruction, latent: mean, klPerDimension, logWeight, items: { elboNats, reconstructionNats: logPx, klNats: kl, bitsPerDim, mse } };
      },
      // Grey pictures stand for their expectation; the threshold is applied as in training.
      encode: (all, images) => encoder.posterior(all, config.binarise === 'threshold' ? target(images, {}) : images).mean,
      decode: picture,
    };
  },
});

function chooseLikelihood(config: VaeConfig, input: ImageSpec): Likelihood {
  if (config.likelihood !== 'auto') return config.likelihood;
  return config.binarise !== 'none' || input.channels === 1 ? 'bernoulli' : 'logistic';
}
