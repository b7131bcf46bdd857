import { formatValue } from './format.ts';

/** What the engine calls a metric, as words with a unit. */
export interface MetricName {
  title: string;
  unit: string;
  /** One sentence for a painter and one for a researcher. */
  help: string;
  /** Which way is better; 0: neither. */
  better: 1 | -1 | 0;
  /** What a value is multiplied by to be shown in the unit: 100 for fractions. */
  scale: number;
}

const known: Record<string, Partial<MetricName>> = {
  loss: { title: 'Loss', help: 'What training makes small. The value the optimiser minimises.', better: -1 },
  elboNats: { title: 'ELBO', help: 'How well the model explains a picture; nearer to zero is better. Evidence lower bound, E[log p(x|z)] - KL.', better: 1 },
  negElboNats: { title: 'Negative ELBO', help: 'How badly the model explains a picture. E[-log p(x|z)] + KL, an upper bound on the negative log-likelihood.', better: -1 },
  reconstructionNats: { title: 'Reconstruction', help: 'How well the redrawn picture fits the original; nearer to zero is better. E[log p(x|z)].', better: 1 },
  reconstruction: { title: 'Reconstruction', help: 'How far the redrawn picture is from the original. The reconstruction term of the loss.', better: -1 },
  klNats: { title: 'KL', help: 'How much is written down about each picture. KL(q(z|x) || p(z)), summed over latent dimensions.', better: 0 },
  psnrDb: { title: 'PSNR', help: 'Fidelity of the redrawn pictures; 25 dB is recognisable, 35 dB hard to tell apart. 10 log10(1 / mean squared error).', better: 1 },
  anomaly: { title: 'Strangeness', help: 'How badly the model explains or redraws a picture; the strangest come first when sorted by it. Minus the ELBO in nats, or minus the PSNR in dB where there is no bound.', better: -1 },
  psnrGainDb: { title: 'Noise taken off', help: 'How much nearer to the clean picture the result is than the noisy one was. PSNR gain over the noisy picture.', better: 1 },
  noisyPsnrDb: { title: 'PSNR of the noisy', help: 'Fidelity of the pictures that the model was shown. PSNR before denoising.', better: 0 },
  recognised: { title: 'Recognised', unit: '%', scale: 100, help: 'How many drawn pictures show what was asked for. Part that an independent classifier puts into the class they were drawn as.', better: 1 },
  recognisedLeast: { title: 'Recognised, worst class', unit: '%', scale: 100, help: 'The same for the class that fares worst.', better: 1 },
  classifierAccuracy: { title: 'The judge on real pictures', unit: '%', scale: 100, help: 'How often the judge is right on held-out pictures; no more can be asked of drawn ones. Accuracy of the classifier.', better: 0 },
  diversity: { title: 'Diversity', unit: '%', scale: 100, help: 'How varied drawn pictures are; 100 % is as varied as those it learned from. Variance of their features over that of training pictures.', better: 0 },
  copied: { title: 'Copies', unit: '%', scale: 100, help: 'Drawn pictures that are as good as copies: nearer to a training picture than any other training picture is to it.', better: -1 },
  copiedHeldOut: { title: 'Copies by chance', unit: '%', scale: 100, help: 'The same for real pictures that it never saw: more copies than this would mean that it learned pictures by heart.', better: 0 },
  mse: { title: 'Squared error', help: 'Mean distance of the pixels. Mean squared error in [0, 1] units.', better: -1 },
  perplexity: { title: 'Codebook perplexity', help: 'How many codes are really in use. exp of the entropy of code usage.', better: 1 },
  codesUsed: { title: 'Codes used', unit: '%', scale: 100, help: 'How much of the codebook occurs at all in the pictures looked at. Fraction of codes with non-zero usage.', better: 1 },
  imagesPerSec: { title: 'Speed', unit: 'pictures/s', help: 'Pictures trained on in a second.', better: 1 },
  revivedCodes: { title: 'Revived codes', help: 'Dead codes that were given new work just now.' },
  deadCodes: { title: 'Dead codes', help: 'Codes that no picture uses; they are wasted.', better: -1 },
  commitment: { title: 'Commitment', help: 'How far the encoder strays from its codes. beta ||z_e - sg[e]||^2.', better: -1 },
  codebook: { title: 'Codebook', help: 'How far the codes are from what they stand for. ||sg[z_e] - e||^2.', better: -1 },
  activeUnits: { title: 'Active units', help: 'Latent dimensions that carry something. Var(E[z|x]) > 0.01.', better: 1 },
  bitsPerCode: { title: 'Bits per code', unit: '', help: 'How surprising a code is to the prior, given those before it; lower means it has learned more. -log2 p(code | codes before).', better: -1 },
  codesNats: { title: 'Codes of a picture', unit: 'nats', help: 'How surprising all codes of a picture are to the prior together. -log p(codes).', better: -1 },
  codesRight: { title: 'Codes guessed', unit: '%', scale: 100, help: 'How often the likeliest code is the right one. Fraction of codes.', better: 1 },
  detailKept: { title: 'Fine detail kept', unit: '%', scale: 100, help: 'How much of the finest detail is left in what the model redraws. Energy of the finest octave (Haar) against the originals.', better: 1 },
  sampleCoverage: { title: 'Coverage of samples', unit: '%', scale: 100, help: 'How much of what the data shows is drawn at all. Part of redrawn held-out pictures within the manifold of samples (recall, Kynkaanniemi et al. 2019), at 8 px.', better: 1 },
  ssim: { title: 'SSIM', help: 'How alike the structure of redrawn pictures and originals is; 1 is the same. Structural similarity (Wang et al. 2004).', better: 1 },
  anomalyNats: { title: 'Anomaly', help: 'How strange the model finds an item; the strangest score highest. Minus the evidence lower bound.', better: 0 },
  anomalyDb: { title: 'Anomaly', help: 'How badly the model redraws an item; the strangest score highest. Minus the PSNR.', better: 0 },
  density: { title: 'Density', help: 'How many items stand around each in this layout, 1 on average. Smoothed counts on a grid, over their mean.', better: 0 },
  bitsPerDim: { title: 'Bits per dimension', help: 'Bits needed for each pixel value.', better: -1 },
  beta: { title: 'Beta', help: 'Weight of the KL just now.', better: 0 },
  temperature: { title: 'Temperature', help: 'Softness of the choices just now; low is close to real ones.', better: 0 },
  learningRate: { title: 'Learning rate', help: 'How big each step of training is.', better: 0 },
  gradientNorm: { title: 'Gradient norm', help: 'How steep the ground is under the optimiser; spikes mean trouble.', better: 0 },
  gradNorm: { title: 'Gradient norm', help: 'How steep the ground is under the optimiser; spikes mean trouble.', better: 0 },
};

const units: [RegExp, string][] = [
  [/Nats$/, 'nats'],
  [/Db$/, 'dB'],
  [/Bits$/, 'bits'],
  [/Sec$/, 's'],
  [/Ms$/, 'ms'],
  [/Hz$/, 'Hz'],
];

/** `reconstructionNats` -> { title: 'Reconstruction', unit: 'nats', ... }; unknown names become words. */
export function metricName(name: string): MetricName {
  let stem = name;
  let unit = '';
  for (const [ending, text] of units) {
    if (ending.test(name)) {
      stem = name.replace(ending, '');
      unit = text;
    }
  }
  const words = stem.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`).replace(/[_-]+/g, ' ');
  return { title: words.charAt(0).toUpperCase() + words.slice(1), unit, help: '', better: 0, scale: 1, ...known[name] };
}

const order = ['psnrDb', 'elboNats', 'negElboNats', 'loss', 'reconstructionNats', 'reconstruction', 'klNats', 'perplexity', 'codesUsed', 'activeUnits'];

/** The metrics people look at first come first; the rest by name. */
export function sortMetrics(names: Iterable<string>): string[] {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** A value with its unit, as it is read: `metricText('codesUsed', 0.5)` is "50 %". */
export function metricText(name: string, value: number): string {
  const { unit, scale } = metricName(name);
  return `${formatValue(value * scale)}${unit ? ` ${unit}` : ''}`;
}
