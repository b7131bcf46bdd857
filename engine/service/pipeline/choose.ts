import type { PipelineChoice } from '../../../electron/contract/index.ts';
import type { TrainingChoice } from '../../store/pipeline-folder.ts';

/** What is known of pictures before anything is trained. */
export interface DataFacts {
  width: number;
  height: number;
  channels: number;
  /** Pictures to train on. */
  train: number;
  classes: number;
  /** Variance of the pixels about each channel's mean, values in [0, 1]. */
  variance: number;
}

export interface Chosen {
  codec: TrainingChoice;
  prior: TrainingChoice;
  choices: PipelineChoice[];
}

/** Parts of the minutes; the rest is for samples and the evaluation. */
export const CODEC_SHARE = 0.58;
export const PRIOR_SHARE = 0.38;
/** Fewer pictures than this are soon learnt by heart. */
const FEW = 1500;

/**
 * Chooses the models and their settings by the pictures, with a plain reason for each choice.
 * @param length of the trainings: minutes of both together, or steps of each; unset while it is not known
 */
export function choose(facts: DataFacts, length: { minutes?: number; steps?: number } = {}): Chosen {
  const side = Math.max(facts.width, facts.height);
  const stride = strideFor(facts);
  const cells = (facts.width / stride) * (facts.height / stride);
  const grid = `${Math.round(facts.width / stride)} × ${Math.round(facts.height / stride)}`;
  const codes = facts.train < FEW ? 128 : facts.train < 10_000 ? 256 : 512;
  const hidden = side <= 32 ? 96 : 64;
  const batch = Math.max(4, Math.min(side <= 32 ? 64 : side <= 64 ? 32 : side <= 128 ? 16 : 8, Math.floor(facts.train / 4)));
  const variance = Number(Math.min(0.5, Math.max(0.002, facts.variance)).toPrecision(2));
  const few = facts.train < FEW;
  const preset = cells > 600 ? 'large' : cells > 150 ? 'quick' : 'standard';
  const checkpointEvery = length.steps === undefined ? 100 : Math.min(100, Math.max(5, Math.floor(length.steps / 4)));
  const span = (share: number) => (length.steps !== undefined ? { steps: length.steps } : length.minutes !== undefined ? { minutes: length.minutes * share } : {});
  const batchWhy = batch < 8 ? 'There are few pictures.' : side > 64 ? 'Large pictures take much memory, so fewer go into a step.' : 'Small pictures fit many into a step, which steadies training.';

  const choices: PipelineChoice[] = [
    { what: 'Codec', value: 'VQ-VAE', why: 'It writes each picture as a grid of marks from one alphabet; a second model can learn how marks stand together and so draw new pictures.' },
    { what: 'Grid of codes', value: `${grid}, ${stride} px a code`, why: side <= 32 ? 'Small pictures need a mark every few pixels to stay sharp.' : cells > 300 ? 'Large pictures keep their detail in a fine grid, which takes the prior longer.' : 'Fine enough for detail, and small enough for the prior to learn in the time.' },
    { what: 'Alphabet', value: `${codes} codes`, why: few ? `${facts.train} pictures are few: a small alphabet is seen often enough to be learned.` : codes === 256 ? 'Enough marks for some thousands of pictures, each used often.' : 'Many pictures support a large alphabet.' },
    { what: 'Width', value: `${hidden} channels`, why: side <= 32 ? 'Small pictures leave time for a wider network.' : 'Keeps a step short, so that each picture is seen more often.' },
    { what: 'Batch', value: `${batch} pictures`, why: batchWhy },
    { what: 'Scale of errors', value: `variance ${variance}`, why: facts.channels === 1 && variance > 0.08 ? 'Measured: the drawings have strong contrast, so small errors count less.' : 'Measured from the pictures, so that sharpness and a tidy alphabet are in balance.' },
    { what: 'Prior', value: few ? 'PixelCNN with hidden codes' : `PixelCNN, ${preset}`, why: few ? 'A fifth of the codes is hidden while it learns, against learning few pictures by heart.' : preset === 'large' ? 'A large grid needs many layers, so that far codes see each other.' : preset === 'quick' ? 'A middling grid: quick layers see the most codes in the time.' : 'A small grid: the full width fits the time.' },
    { what: 'Classes', value: facts.classes > 1 ? `${facts.classes} classes` : 'none', why: facts.classes > 1 ? 'Subfolders became classes, so samples of each can be asked for.' : 'The pictures have no classes, so samples are of everything.' },
  ];
  return {
    codec: { family: 'vq-vae', config: { hidden, stride, codes, dataVariance: variance }, training: { batchSize: batch, learningRate: 1e-3, checkpointEvery, ...span(CODEC_SHARE) } },
    prior: { family: 'pixelcnn', preset, config: few ? { codeDropout: 0.2 } : {}, training: { batchSize: Math.min(32, Math.max(4, batch)), checkpointEvery, ...span(PRIOR_SHARE) } },
    choices,
  };
}

/** The coarsest stride that leaves about 16 codes a side, and divides both sides. */
function strideFor({ width, height }: DataFacts): number {
  const side = Math.max(width, height);
  const wanted = side <= 20 ? 2 : side <= 72 ? 4 : side <= 144 ? 8 : 16;
  for (let stride = wanted; stride > 2; stride /= 2) if (width % stride === 0 && height % stride === 0) return stride;
  return 2;
}

/** Minutes that pictures want: some thousands of steps (each of few pictures is not seen more than 200 times), each picture seen 20 times, within an evening. */
export function recommendedMinutes(secondsPerStep: number, train: number, batch: number): number {
  const steps = Math.min(20_000, Math.max(Math.min(2000, (200 * train) / batch), (20 * train) / batch));
  const minutes = (steps * secondsPerStep) / 60 / CODEC_SHARE;
  return minutes < 10 ? Math.max(3, Math.ceil(minutes)) : Math.min(240, Math.ceil(minutes / 5) * 5);
}
