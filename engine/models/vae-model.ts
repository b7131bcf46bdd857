/**
 * VAE (Kingma and Welling 2014; Rezende et al. 2014) with a standard normal prior or a flow's; beta-VAE (Higgins et al. 2017) by `beta`,
 * capacity schedule (Burgess et al. 2018, eq. 8) by `capacity`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { stopGradient } from '../nn/gradients.ts';
import type { Params } from '../nn/layer.ts';
import { rampUp } from '../nn/schedules.ts';
import type { Condition } from './condition.ts';
import type { Batch, ImageSpec, Model } from './define.ts';
import { latentPrior } from './latent-prior.ts';
import { pixels } from './pixels.ts';
import { posterior } from './posterior.ts';
import { sharpened } from './sharpening.ts';
import { vaeNetwork } from './vae-network.ts';
import type { VaeConfig } from './vae-schema.ts';

/** Labels as a condition of encoder and decoder (Sohn et al. 2015). */
export interface VaeCondition {
  condition: Condition;
  /** Fraction of the labels that a training step forgets. */
  dropout: number;
}

/** @param conditional unset: labels are not looked at */
export function buildVae(config: VaeConfig, input: ImageSpec, conditional?: VaeCondition): Model {
  const { encoder, decoder } = vaeNetwork(config, input, config.latentSize, conditional?.condition.size);
  const prior = latentPrior(config.latentSize, config.priorFlows, config.priorWidth, conditional?.condition.size);
  const q = posterior(encoder.size, { size: config.latentSize, flows: config.flows, width: config.flowWidth, context: config.flowContext }, prior);
  const p = pixels(config, input);
  const vectors = (all: Params, labels?: tf.Tensor, keep?: tf.Tensor) => (conditional && labels ? conditional.condition.vectors(all, labels, keep) : undefined);
  const picture = (all: Params, z: tf.Tensor, label?: tf.Tensor) => p.picture(decoder.apply(all, z, label));
  const bound = (all: Params, batch: Batch, noise: Params, label?: tf.Tensor) => {
    const { target, shown } = p.pictures(batch, noise);
    const features = encoder.features(all, shown, label);
    const { z, logRatio, kl } = q.sample(all, features, noise.latent, label);
    const output = decoder.apply(all, z, label);
    const reconstruction = p.logLikelihood(all, target, output);
    return { target, output, features, logRatio: tf.sum(logRatio, 1), klPerDimension: kl, kl: tf.sum(kl, 1), reconstruction };
  };

  return sharpened(config, {
    input,
    latent: { kind: 'vector', size: config.latentSize },
    params: [...(conditional?.condition.params ?? []), ...encoder.params, ...q.params, ...prior.params, ...decoder.params, ...p.params],
    prior: 'normal',
    ...(prior.standard ? {} : { fromNoise: (all: Params, noise: tf.Tensor, labels?: tf.Tensor) => prior.draw(all, noise, vectors(all, labels)) }),
    usesLabels: conditional !== undefined,
    noise: (batch) => ({
      latent: { shape: [batch, config.latentSize], kind: 'normal' },
      ...(conditional && conditional.dropout > 0 ? { forget: { shape: [batch], kind: 'uniform' } } : {}),
      ...p.noise(batch),
    }),
    hyper: {
      beta: ({ step, steps }) => config.beta * rampUp(step + 1, config.klWarmup * steps),
      ...(config.capacity > 0 ? { capacityNats: ({ step, steps }: { step: number; steps: number }) => config.capacity * rampUp(step, config.capacityRamp * steps) } : {}),
    },
    loss(all, batch, noise, hyper) {
      const keep = noise.forget && tf.greaterEqual(noise.forget, conditional!.dropout);
      const { kl, reconstruction, output, target } = bound(all, batch, noise, vectors(all, batch.labels, keep));
      const klNats = tf.mean(kl);
      const reconstructionNats = tf.mean(reconstruction);
      let penalty = klNats;
      if (config.capacity > 0) {
        const excess = tf.sub(klNats, hyper.capacityNats);
        penalty = tf.add(tf.relu(excess), tf.relu(tf.neg(excess)));
      }
      // Per pixel, so that gradients have the same size whatever the picture's.
      const loss = tf.div(tf.sub(tf.mul(hyper.beta, penalty), tf.mul(config.pixelWeight, reconstructionNats)), p.dims);
      const cost = (out: tf.Tensor) => tf.div(tf.mean(p.logLikelihood(all, target, out)), -p.dims);
      return {
        loss,
        metrics: { elboNats: tf.sub(reconstructionNats, klNats), reconstructionNats, klNats },
        drawn: { output, picture: p.unclipped, pull: () => stopGradient(tf.grad((out) => cost(out) as tf.Scalar)(stopGradient(output))), target },
      };
    },
    inspect(all, batch, noise) {
      const label = vectors(all, batch.labels);
      const { target, features, logRatio, klPerDimension, kl, reconstruction: logPx } = bound(all, batch, noise, label);
      const latent = q.centre(all, features);
      const reconstruction = picture(all, latent, label);
      const elboNats = tf.sub(logPx, kl);
      const mse = tf.mean(tf.square(tf.sub(reconstruction, target)), [1, 2, 3]);
      return {
        reconstruction, latent, klPerDimension,
        logWeight: tf.add(logPx, logRatio),
        items: { elboNats, reconstructionNats: logPx, klNats: kl, bitsPerDim: p.bitsPerDim(elboNats), mse },
      };
    },
    deviation: q.deviation && ((all, images, labels) => q.deviation!(all, encoder.features(all, p.shown(images), vectors(all, labels)))),
    encode: (all, images, labels) => q.centre(all, encoder.features(all, p.shown(images), vectors(all, labels))),
    decode: (all, latent, labels) => picture(all, latent, vectors(all, labels)),
  });
}
