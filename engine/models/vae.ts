import { defineModel } from './family.ts';
import { buildVae } from './vae-model.ts';
import { vaeSchema } from './vae-schema.ts';

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
    { id: 'factors', title: 'Factors', summary: 'Beta 4 and ten latents for small black and white drawings such as dSprites; half the width, for many pictures in little time.', config: { beta: 4, latentSize: 10, width: 16, likelihood: 'bernoulli' }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'capacity', title: 'Capacity schedule', summary: 'The KL is let grow to 25 nats (Burgess 2018).', config: { beta: 100, capacity: 25, latentSize: 10, klWarmup: 0 }, training: { learningRate: 5e-4, batchSize: 64 } },
    { id: 'flows', title: 'Flow posterior', summary: 'Two inverse autoregressive flows behind the encoder: a tighter bound (Kingma 2016).', config: { flows: 2 }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'flow-prior', title: 'Flow prior', summary: 'Eight coupling layers learn how latents are spread: truer samples.', config: { latentSize: 64, priorFlows: 8 }, training: { learningRate: 1e-3, batchSize: 64 } },
    { id: 'perceptual', title: 'Perceptual', summary: 'Features of a trained network beside pixels (DFC-VAE): edges and textures count.', config: { latentSize: 64, perceptual: 1 }, training: { learningRate: 1e-3, batchSize: 32 } },
    { id: 'hybrid', title: 'With a critic', summary: 'A critic of patches against soft pictures (VAE and GAN in one).', config: { latentSize: 64, adversarial: 0.5 }, training: { learningRate: 1e-3, batchSize: 32 } },
    { id: 'dense', title: 'Dense', summary: 'Two dense layers on each side: the VAE of the first paper.', config: { network: 'dense', hidden: 512, latentSize: 20 }, training: { learningRate: 1e-3, batchSize: 128 } },
  ],
  tiny: { latentSize: 3, width: 4, residualLayers: 1, hidden: 8, klWarmup: 0 },
  build: (config, input) => buildVae(config, input),
});
