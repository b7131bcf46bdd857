/** Conditional VAE (Kingma et al. 2014, M2; Sohn, Lee and Yan 2015): encoder and decoder are told the class. */
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { field } from '../core/settings.ts';
import { condition } from './condition.ts';
import { defineModel } from './family.ts';
import { buildVae } from './vae-model.ts';
import { vaeSchema } from './vae-schema.ts';

const schema = vaeSchema.extend({
  labelSize: field(z.number().int().min(1).max(256).default(16), 'Label size', 'Numbers that stand for a class, learned.'),
  labelDropout: field(z.number().min(0).max(0.9).default(0.1), 'Label dropout', 'Part of the labels that training forgets, so that the model also knows what to do with a picture of no known class.'),
});

export const cvae = defineModel({
  kind: 'cvae',
  version: 1,
  title: 'Conditional VAE',
  summary: 'A VAE that is told the class of each picture: draws pictures of a class you name, in any style, or one style in every class.',
  latent: 'vector',
  conditional: true,
  schema,
  presets: [
    { id: 'pictures', title: 'Pictures', summary: 'Convolutions and a logistic likelihood, 64 latents.', config: { latentSize: 64 }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'digits', title: 'Digits', summary: 'Small black and white pictures such as MNIST, binarised at one half; a flow learns what each class\'s latents are like.', config: { binarise: 'threshold', latentSize: 16, hidden: 256, priorFlows: 4 }, training: { learningRate: 2e-3, batchSize: 64 } },
    { id: 'dense', title: 'Dense', summary: 'Two dense layers on each side, class as a further input of each.', config: { network: 'dense', hidden: 512, latentSize: 16 }, training: { learningRate: 1e-3, batchSize: 128 } },
  ],
  tiny: { latentSize: 3, width: 4, residualLayers: 1, hidden: 8, klWarmup: 0, labelSize: 3 },
  build(config, input) {
    if (input.classes === 0) {
      throw new AtelierError('bad-input', 'A conditional VAE needs classes, and this set has none.', 'Sort the pictures into one folder a class and import them again, or train a VAE, which needs no classes.');
    }
    return buildVae(config, input, { condition: condition('label', input.classes, config.labelSize), dropout: config.labelDropout });
  },
});
