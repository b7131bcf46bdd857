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
  /** Frames of a clip, of which `height` is the strip; unset: still pictures. */
  frames?: number;
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
  const { frames = 1 } = facts;
  const picture = { width: facts.width, height: facts.height / frames };
  const side = Math.max(picture.width, picture.height);
  const model = modelFor(picture, frames);
  const { stride } = model;
  const cells = model.cells;
  const codes = facts.train < FEW ? 128 : facts.train < 10_000 ? 256 : 512;
  const hidden = side <= 32 && frames === 1 ? 96 : 64;
  const usual = frames > 1 ? 2 : model.family === 'vq-vae-2' ? 4 : side <= 32 ? 64 : side <= 64 ? 32 : side <= 128 ? 16 : 8;
  const batch = Math.max(Math.min(4, usual), Math.min(usual, Math.floor(facts.train / 4)));
  const variance = Number(Math.min(0.5, Math.max(0.002, facts.variance)).toPrecision(2));
  const few = facts.train < FEW;
  const preset = model.family === 'vq-vae-2' ? 'grids' : frames > 1 ? 'quick' : cells > 600 ? 'large' : cells > 150 ? 'quick' : 'standard';
  const checkpointEvery = length.steps === undefined ? 100 : Math.min(100, Math.max(5, Math.floor(length.steps / 4)));
  const span = (share: number) => (length.steps !== undefined ? { steps: length.steps } : length.minutes !== undefined ? { minutes: length.minutes * share } : {});
  const batchWhy = batch < usual ? 'There are few pictures.' : frames > 1 ? 'A clip is as much work as all of its frames.' : side > 64 ? 'Large pictures take much memory, so fewer go into a step.' : 'Small pictures fit many into a step, which steadies training.';

  const choices: PipelineChoice[] = [
    { what: 'Codec', value: model.title, why: model.why },
    { what: model.family === 'vq-vae-2' ? 'Grids of codes' : 'Grid of codes', value: `${model.grid}, ${stride} px a code`, why: frames > 1 ? 'Two frames share their codes where time allows, for little changes between them.' : model.family === 'vq-vae-2' ? 'The coarse grid has half the side of the fine one and is drawn first.' : side <= 32 ? 'Small pictures need a mark every few pixels to stay sharp.' : cells > 300 ? 'Large pictures keep their detail in a fine grid, which takes the prior longer.' : 'Fine enough for detail, and small enough for the prior to learn in the time.' },
    { what: 'Alphabet', value: `${codes} codes`, why: few ? `${facts.train} pictures are few: a small alphabet is seen often enough to be learned.` : codes === 256 ? 'Enough marks for some thousands of pictures, each used often.' : 'Many pictures support a large alphabet.' },
    { what: 'Width', value: `${hidden} channels`, why: side <= 32 ? 'Small pictures leave time for a wider network.' : 'Keeps a step short, so that each picture is seen more often.' },
    { what: 'Batch', value: `${batch} pictures`, why: batchWhy },
    { what: 'Scale of errors', value: `variance ${variance}`, why: facts.channels === 1 && variance > 0.08 ? 'Measured: the drawings have strong contrast, so small errors count less.' : 'Measured from the pictures, so that sharpness and a tidy alphabet are in balance.' },
    { what: 'Prior', value: few ? 'PixelCNN with hidden codes' : `PixelCNN, ${preset}`, why: preset === 'grids' && !few ? 'The coarse grid is drawn with attention, the fine one is told what the coarse one says.' : few ? 'A fifth of the codes is hidden while it learns, against learning few pictures by heart.' : preset === 'large' ? 'A large grid needs many layers, so that far codes see each other.' : preset === 'quick' ? frames > 1 ? 'A clip has many codes: quick layers see the most of them in the time.' : 'A middling grid: quick layers see the most codes in the time.' : 'A small grid: the full width fits the time.' },
    { what: 'Classes', value: facts.classes > 1 ? `${facts.classes} classes` : 'none', why: facts.classes > 1 ? 'Subfolders became classes, so samples of each can be asked for.' : 'The pictures have no classes, so samples are of everything.' },
  ];
  return {
    codec: { family: model.family, config: { hidden, codes, dataVariance: variance, ...model.config }, training: { batchSize: batch, learningRate: 1e-3, checkpointEvery, ...span(CODEC_SHARE) } },
    prior: { family: 'pixelcnn', preset, config: few ? { codeDropout: 0.2 } : {}, training: { batchSize: Math.min(32, Math.max(4, batch)), checkpointEvery, ...span(PRIOR_SHARE) } },
    choices,
  };
}

interface ModelChoice {
  family: string;
  title: string;
  why: string;
  config: Record<string, unknown>;
  stride: number;
  /** Codes of a picture or clip. */
  cells: number;
  /** For people. */
  grid: string;
}

/** Sides from which one grid either costs the prior too many codes or the picture its detail. */
const LARGE = 192;

/** The family that goes with the size of the pictures, or with clips. */
function modelFor(picture: { width: number; height: number }, frames: number): ModelChoice {
  const { width, height } = picture;
  const across = (stride: number) => `${width / stride} × ${height / stride}`;
  if (frames > 1) {
    const stride = strideFor(picture);
    const timeStride = frames % 2 === 0 ? 2 : 1;
    return {
      family: 'video-vq-vae', title: 'Video VQ-VAE', why: 'The set is of clips: it writes each as a block of marks over time and space, so that movement is drawn too.',
      config: { stride, timeStride }, stride, cells: (frames / timeStride) * (width / stride) * (height / stride), grid: `${frames / timeStride} moments of ${across(stride)}`,
    };
  }
  if (Math.max(width, height) >= LARGE && width % 16 === 0 && height % 16 === 0) {
    const stride = 8;
    return {
      family: 'vq-vae-2', title: 'VQ-VAE-2', why: 'Large pictures: a coarse grid of marks says what is where and a fine one adds detail, so that the second model draws first the one and then the other.',
      config: { stride }, stride, cells: (1.25 * width * height) / stride ** 2, grid: `${across(stride)} below ${across(2 * stride)}`,
    };
  }
  const stride = strideFor(picture);
  return {
    family: 'vq-vae', title: 'VQ-VAE', why: 'It writes each picture as a grid of marks from one alphabet; a second model can learn how marks stand together and so draw new pictures.',
    config: { stride }, stride, cells: Math.round((width / stride) * (height / stride)), grid: `${Math.round(width / stride)} × ${Math.round(height / stride)}`,
  };
}

/** The coarsest stride that leaves about 16 codes a side, and divides both sides. */
function strideFor({ width, height }: { width: number; height: number }): number {
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
