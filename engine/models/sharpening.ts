/**
 * What keeps pictures from going soft, for any model that says what it drew: distances between features of a trained network (DFC-VAE,
 * Hou et al. 2017) and a critic of patches that tells drawn pictures from real ones (VAE-GAN, Larsen et al. 2016; VQGAN, Esser et al. 2021).
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { field } from '../core/settings.ts';
import { stopGradient } from '../nn/gradients.ts';
import type { Params } from '../nn/layer.ts';
import { balanceGradient, frozen, hingeLoss, patchDiscriminator } from '../nn/patch-discriminator.ts';
import { featureDistance } from '../nn/perceptual.ts';
import { rampUp } from '../nn/schedules.ts';
import type { Drawn, LossResult, Model, Progress } from './define.ts';

export const sharpeningFields = {
  pixelWeight: field(z.number().min(0).max(1).default(1), 'Pixel weight', 'How much the exact value of each pixel counts. Below 1 only with a perceptual loss, which may then stand beside it or, at 0, in its place.'),
  perceptual: field(z.number().min(0).max(100).default(0), 'Perceptual loss', 'Weight of the distance between features of a trained network, which sees edges and textures rather than pixels; 0 is off. Try 1.'),
  perceptualNetwork: field(z.enum(['mobilenet-v2']).default('mobilenet-v2'), 'Feature network', 'The network whose features are compared: MobileNetV2, trained on ImageNet, with the 8-bit weights of the npm package nsfwjs.'),
  perceptualSize: field(z.number().int().min(32).max(224).default(64), 'Feature size', 'Pixels to which pictures are brought for that network, whatever theirs.'),
  adversarial: field(z.number().min(0).max(10).default(0), 'Critic', 'How hard a critic pulls that tells drawn patches from real ones, beside the reconstruction\'s own pull; 0 is off. Sharper, less faithful. Try 0.5.'),
  adversarialStart: field(z.number().min(0).max(1).default(0.3), 'Critic\'s start', 'Part of the training before the critic joins.'),
  criticWidth: field(z.number().int().min(4).max(256).default(24), 'Critic width', 'Channels of the critic\'s first convolution.'),
};
const schema = z.object(sharpeningFields);
export type Sharpening = z.output<typeof schema>;

/** Part of the training over which a critic's pull grows. */
const CRITIC_RAMP = 0.1;

/** From 0 before the start up to its weight. */
export function criticWeightAt({ adversarial, adversarialStart }: Pick<Sharpening, 'adversarial' | 'adversarialStart'>, { step, steps }: Progress): number {
  const since = step - adversarialStart * steps;
  return since < 0 ? 0 : adversarial * rampUp(since + 1, CRITIC_RAMP * steps);
}

/** @param model whose loss tells what it drew; given back as it is where nothing is asked for */
export function sharpened(config: Sharpening, model: Model): Model {
  const { perceptual, adversarial, perceptualSize } = config;
  if (perceptual === 0 && adversarial === 0) return model;
  const { height, width, channels } = model.input;
  const halvings = Math.max(0, Math.min(3, Math.floor(Math.log2(Math.min(height, width) / 8))));
  const critic = adversarial > 0 ? patchDiscriminator('critic', { channels, width: config.criticWidth, halvings }) : undefined;
  const judged = (params: Params, { output, picture, pull, target }: Drawn, weight: tf.Tensor) => {
    const drawn = critic!.score(frozen(params), picture(balanceGradient(output, pull(), weight)));
    const fake = critic!.score(params, stopGradient(picture(output)));
    const real = critic!.score(params, target);
    const on = tf.cast(tf.greater(weight, 0), 'float32');
    return { loss: tf.mul(on, tf.sub(hingeLoss(real, fake), tf.mean(drawn))), metrics: { criticReal: tf.mean(real), criticFake: tf.mean(fake) } };
  };
  return {
    ...model,
    params: [...model.params, ...(critic?.params ?? [])],
    hyper: { ...model.hyper, ...(critic ? { critic: (progress: Progress) => criticWeightAt(config, progress) } : {}) },
    // The critic's pull on the decoder is no derivative of the sum that is reported.
    straightThrough: critic ? () => true : model.straightThrough,
    loss(params, batch, noise, hyper): LossResult {
      const result = model.loss(params, batch, noise, hyper);
      const { drawn } = result;
      if (!drawn) return result;
      let { loss } = result;
      const metrics = { ...result.metrics };
      if (perceptual > 0) {
        metrics.featureDistance = featureDistance(drawn.picture(drawn.output), drawn.target, perceptualSize);
        loss = tf.add(loss, tf.mul(perceptual, metrics.featureDistance));
      }
      if (critic) {
        const verdict = judged(params, drawn, hyper.critic);
        loss = tf.add(loss, verdict.loss);
        Object.assign(metrics, verdict.metrics);
      }
      return { ...result, loss, metrics };
    },
  };
}
