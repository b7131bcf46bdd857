import { z } from 'zod';
import { field } from '../core/settings.ts';
import { sharpeningFields } from './sharpening.ts';

/** Settings that every VAE with a Gaussian latent shares. */
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
  flows: field(z.number().int().min(0).max(16).default(0), 'Flows', 'Inverse autoregressive flows behind the Gaussian posterior (Kingma 2016): a tighter bound, at some cost. 0: the diagonal Gaussian alone.'),
  flowWidth: field(z.number().int().min(4).max(2048).default(256), 'Flow width', 'Hidden units of each flow.'),
  flowContext: field(z.number().int().min(1).max(1024).default(64), 'Flow context', 'Numbers that the encoder tells each flow about the picture.'),
  priorFlows: field(z.number().int().min(0).max(32).default(0), 'Prior flows', 'Coupling layers that shape the prior over latents to what the encoder makes of pictures (RealNVP): truer samples and a tighter bound; of a conditional VAE they are told the class. 0: the standard normal.'),
  ...sharpeningFields,
  priorWidth: field(z.number().int().min(4).max(2048).default(128), 'Prior width', 'Hidden units of each coupling layer.'),
});
export type VaeConfig = z.output<typeof vaeSchema>;
