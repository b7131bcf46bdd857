import type { Calls, InputOf } from '../../../electron/contract/index.ts';

type Training = InputOf<Calls['train.start']>;
type Evaluating = Omit<InputOf<Calls['runs.evaluate']>, 'run'>;

/** One figure of a reference run. */
export interface Figure {
  title: string;
  /** From the metrics of the evaluation; `other` are those of `against`. */
  value(metrics: Record<string, number>, other?: Record<string, number>): number;
  unit: string;
  /** What has been published, and where. */
  published: string;
  /** What is to be reached here; unset: the figure is only shown. */
  goal?: { atLeast: number } | { atMost: number };
}

/** A training that anybody can repeat, and what is known of others'. */
export interface Reference {
  id: string;
  title: string;
  /** What was trained, for the table; settings beyond the preset are named. */
  configuration: string;
  train: Omit<Training, 'seed' | 'out' | 'name'>;
  /** A prior over its codes, trained afterwards; the figures are then the prior's. */
  prior?: { preset?: string; config?: Record<string, unknown>; training: NonNullable<Training['training']> };
  seed: number;
  evaluate: Evaluating;
  /** Another reference whose metrics the figures compare with. */
  against?: string;
  figures: readonly Figure[];
}

/** Items that take part in the importance-weighted bound, at equal steps over the test split. */
const bound: Evaluating = { importance: 200, limit: 500 };
const negativeBound: Figure = {
  title: 'IW-NLL, 200 samples, 500 test items',
  value: (m) => -m.iwNats,
  unit: 'nats',
  published: '89.8 (pythae README, VAE; its own binarisation)',
  goal: { atMost: 86 },
};

/** The runs that the scorecard knows, in the order in which they are trained. */
export const references: readonly Reference[] = [
  {
    id: 'mnist-vae',
    title: 'VAE, MNIST',
    configuration: 'vae --preset digits (fixed threshold 0.5)',
    train: { family: 'vae', preset: 'digits', data: 'builtin:mnist', training: { steps: 3000 } },
    seed: 1,
    evaluate: bound,
    figures: [negativeBound],
  },
  {
    id: 'mnist-iaf',
    title: 'VAE with IAF posterior, MNIST',
    configuration: 'vae --preset digits --flows 2 (fixed threshold 0.5)',
    train: { family: 'vae', preset: 'digits', config: { flows: 2 }, data: 'builtin:mnist', training: { steps: 3000 } },
    seed: 1,
    evaluate: bound,
    against: 'mnist-vae',
    figures: [
      negativeBound,
      { title: 'IW-NLL gained over the diagonal posterior', value: (m, other) => m.iwNats - other!.iwNats, unit: 'nats', published: 'better than the diagonal posterior (Kingma et al. 2016)', goal: { atLeast: 0.5 } },
      { title: 'ELBO gained over the diagonal posterior', value: (m, other) => m.elboNats - other!.elboNats, unit: 'nats', published: 'better than the diagonal posterior (Kingma et al. 2016)' },
    ],
  },
  {
    id: 'mnist-discrete',
    title: 'Discrete VAE, MNIST',
    configuration: 'discrete-vae --preset digits --temperature-end 0.35 (20 x 10 categories, fixed threshold 0.5)',
    train: { family: 'discrete-vae', preset: 'digits', config: { temperatureEnd: 0.35 }, data: 'builtin:mnist', training: { steps: 6000, learningRate: 2e-3 } },
    seed: 1,
    evaluate: { limit: 5000 },
    figures: [{ title: 'Negative bound', value: (m) => -m.elboNats, unit: 'nats', published: '101.5 (Jang et al. 2017, categorical; its own binarisation)', goal: { atMost: 101.5 } }],
  },
  {
    id: 'mnist-cvae',
    title: 'Conditional VAE, MNIST',
    configuration: 'cvae --preset digits (fixed threshold 0.5, a flow prior told the class)',
    train: { family: 'cvae', preset: 'digits', data: 'builtin:mnist', training: { steps: 3000 } },
    seed: 1,
    evaluate: { samples: 2000, limit: 1000 },
    figures: [{ title: 'Samples recognised by an independent classifier', value: (m) => 100 * m.recognised, unit: '%', published: 'none found for this set-up', goal: { atLeast: 97 } }],
  },
  {
    id: 'mnist-vq-prior',
    title: 'VQ-VAE and class-conditional PixelCNN, MNIST',
    configuration: 'vq-vae --hidden 32 --codes 64 --code-size 16, then prior --preset quick',
    train: { family: 'vq-vae', config: { hidden: 32, codes: 64, codeSize: 16, dataVariance: 0.09 }, data: 'builtin:mnist', training: { steps: 1500, batchSize: 64, learningRate: 2e-3 } },
    prior: { preset: 'quick', training: { steps: 2500, batchSize: 64 } },
    seed: 1,
    evaluate: { samples: 1000, limit: 1000 },
    figures: [{ title: 'Samples recognised by an independent classifier', value: (m) => 100 * m.recognised, unit: '%', published: 'none found for this set-up', goal: { atLeast: 95 } }],
  },
  {
    id: 'dsprites-beta',
    title: 'beta-VAE, dSprites',
    configuration: 'vae --preset factors (beta 4, 10 latents)',
    train: { family: 'vae', preset: 'factors', data: 'builtin:dsprites', training: { steps: 5000 } },
    seed: 1,
    evaluate: { factors: true, limit: 10_000 },
    figures: [
      { title: 'MIG', value: (m) => m.mig, unit: '', published: 'about 0.1 by seed and beta, no table (Locatello et al. 2019, violin plots); 0.06 at beta 4 (1Konny/Beta-VAE, issue 23)', goal: { atLeast: 0.05 } },
      { title: 'DCI disentanglement', value: (m) => m.dciDisentanglement, unit: '', published: 'about 0.1 to 0.5 by seed and beta, no table (Locatello et al. 2019, violin plots)', goal: { atLeast: 0.1 } },
      { title: 'FactorVAE score', value: (m) => m.factorVaeScore, unit: '', published: 'about 0.5 to 0.85 by seed and beta, no table (Locatello et al. 2019, violin plots)' },
    ],
  },
  ...(['off', 'on'] as const).map((revival): Reference => ({
    id: `emoji-codes-${revival}`,
    title: `VQ-VAE, K = 512, revival ${revival}, emoji 32 px`,
    configuration: `vq-vae --preset quick${revival === 'off' ? ' --revive-every 0 --no-kmeans-start' : ''}`,
    train: { family: 'vq-vae', preset: 'quick', config: revival === 'off' ? { reviveEvery: 0, kmeansStart: false } : {}, data: 'builtin:emoji', size: 32, training: { steps: 1500 } },
    seed: 1,
    evaluate: {},
    figures: [
      { title: 'Codes used on test pictures', value: (m) => 100 * m.codesUsed, unit: '%', published: '10 to 60 without expiry (README of vector-quantize-pytorch)', ...(revival === 'on' ? { goal: { atLeast: 100 } } : {}) },
      { title: 'Perplexity', value: (m) => m.perplexity, unit: '', published: '' },
      { title: 'PSNR', value: (m) => m.psnrDb, unit: 'dB', published: '' },
    ],
  })),
];
