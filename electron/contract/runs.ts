import { z } from 'zod';
import { compress } from './compress.ts';
import { call, stream, type ErrorValue, type Picture, type Sheet } from './define.ts';
import { drawing } from './drawing.ts';

export interface FamilyPreset {
  id: string;
  title: string;
  summary: string;
  config: Record<string, unknown>;
  /** Settings of the training plan that go with it. */
  training?: Partial<TrainingPlan>;
}

export interface FamilyInfo {
  kind: string;
  version: number;
  title: string;
  summary: string;
  /** JSON Schema of the configuration; `title` and `description` of each property are for people. The form follows from it. */
  schema: Record<string, unknown>;
  defaults: Record<string, unknown>;
  presets: FamilyPreset[];
  /** A vector z: [D], or a grid of codes [h, w]. */
  latent: 'vector' | 'codes';
  /** Whether its models draw pictures of a class that is named. */
  conditional: boolean;
  /** Whether its models draw a picture again in the style of a class; see runs.transfer. */
  restyles: boolean;
}

export type RunStatus = 'running' | 'paused' | 'interrupted' | 'finished' | 'cancelled' | 'failed';

export interface Diagnosis {
  code: string;
  severity: 'info' | 'warning' | 'danger';
  /** One sentence for a painter. */
  message: string;
  /** What to change; `config` are the settings of a new run that would repair it. */
  remedy: string;
  config?: Record<string, unknown>;
  /** Settings of its training plan that are changed too. */
  training?: Partial<TrainingPlan>;
  step: number;
}

/** One thing that the doctor looks at. */
export interface HealthCheck {
  title: string;
  /** What was found there, with its unit. */
  measured: string;
  /** Null where all is well. */
  finding: Diagnosis | null;
}

export interface Health {
  /** Step of the evaluation it goes by; null before the first. */
  step: number | null;
  checks: HealthCheck[];
  /** What to keep in mind. */
  note: string | null;
}

/** Which codes a prior is over; its run keeps a copy of the model. */
export interface CodecInfo {
  /** Folder of the model's run when the prior began. */
  run: string;
  name: string;
  family: string;
  step: number;
  /** Of the weights: a prior is of no use with others. */
  fingerprint: string;
  /** Grid of codes, [height, width]. */
  height: number;
  width: number;
  /** K, of all alphabets together. */
  codes: number;
  /** Codes of column x are of alphabet x % alphabets, each of codes / alphabets. */
  alphabets: number;
  /** Where there are several grids, the coarsest first; `height` is then 1 and `width` all cells, one grid after another. */
  grids?: { name: string; height: number; width: number; codes: number; first: number }[];
}

/** One of the grids of codes a picture is written with, and where its cells stand in the list of an item's codes. */
export interface CodeGridInfo {
  /** `codes`, or of several `top`, `middle`, `bottom`. */
  name: string;
  height: number;
  width: number;
  /** How many different codes it has, of all alphabets; those of column x are of alphabet x % alphabets. */
  codes: number;
  alphabets: number;
  /** Number of its first code. */
  first: number;
  /** First cell in the list, from where they stand row by row. */
  at: number;
}

/** Codes of one picture or several: `values` holds `cells` of each. */
export interface PictureCodes {
  values: Int32Array;
  cells: number;
  /** The coarsest first. */
  grids: CodeGridInfo[];
}

export interface RunInfo {
  /** Absolute folder of the run; what calls take as `run`. */
  run: string;
  name: string;
  family: string;
  config: Record<string, unknown>;
  data: { ref: string; name: string; fingerprint: string; width: number; height: number; channels: number; classes: string[]; /** For clips: pictures are strips of frames, one below another. */ clip?: { frames: number; framesPerSecond: number } };
  training: TrainingPlan;
  /** For a prior: the model whose codes it learns. */
  codec?: CodecInfo;
  device: string;
  seed: number;
  status: RunStatus;
  step: number;
  parameters: number;
  createdAt: string;
  updatedAt: string;
  trainedSec: number;
  /** Last value of each validation metric, e.g. { elboNats: -92.1, psnrDb: 25.3, perplexity: 301 }. */
  summary: Record<string, number>;
  diagnoses: Diagnosis[];
  error: ErrorValue | null;
}

/** When training ends and how often it saves; whichever of steps and minutes comes first. */
export const trainingPlan = z.object({
  steps: z.number().int().min(1).optional().describe('Steps in all.'),
  minutes: z.number().positive().optional().describe('Minutes of training; turned into steps by measuring the first ones.'),
  batchSize: z.number().int().min(1).max(4096).default(32).describe('Pictures per step.'),
  learningRate: z.number().positive().max(1).default(3e-4).describe('Learning rate after the warm-up.'),
  warmupSteps: z.number().int().min(0).default(100).describe('Steps over which the learning rate rises from nought.'),
  finalLearningRate: z.number().min(0).max(1).default(0.05).describe('Fraction of the learning rate that the cosine decay ends at.'),
  weightDecay: z.number().min(0).max(1).default(0).describe('Decoupled weight decay (AdamW).'),
  clipNorm: z.number().positive().nullable().default(1).describe('Gradients are scaled down to this norm; none is off.'),
  weightEma: z.number().min(0).max(0.99999).default(0.999).describe('Decay of the averaged weights that evaluation uses; 0 is off.'),
  checkpointEvery: z.number().int().min(1).default(200).describe('Steps between two checkpoints.'),
  evaluateEvery: z.number().int().min(1).default(100).describe('Steps between two evaluations on held-out pictures.'),
  augmentFlip: z.boolean().default(false).describe('Mirror half of the pictures, drawn anew at each step.'),
});
export type TrainingPlan = z.output<typeof trainingPlan>;

/** The settings that a request names; what it leaves out comes from the preset, then from the plan's own defaults. */
const planSettings = z.object(
  Object.fromEntries(Object.entries(trainingPlan.shape).map(([name, field]) => [name, (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional()])),
) as unknown as z.ZodType<Partial<TrainingPlan>, Partial<TrainingPlan>>;

export const trainRequest = z.object({
  family: z.string().min(1),
  preset: z.string().optional(),
  config: z.record(z.string(), z.unknown()).default({}),
  data: z.string().min(1),
  /** Side length of the pictures in pixels, for built-in sets, which can be had in any; imported ones have theirs. */
  size: z.number().int().min(8).max(1024).optional(),
  training: planSettings.default({}),
  device: z.string().optional(),
  seed: z.number().int().default(0),
  name: z.string().min(1).max(120).optional(),
  /** Folder of the run; unset: a new one in the project. */
  out: z.string().optional(),
});

/** Settings of a prior over the codes of a run. */
export const priorRequest = z.object({
  /** The run whose codes it learns. */
  codesOf: z.string().min(1),
  /** Checkpoint of that run; unset: the newest. */
  codesStep: z.number().int().min(0).optional(),
  /** Kind of prior. */
  family: z.string().min(1).default('pixelcnn'),
  preset: z.string().optional(),
  config: z.record(z.string(), z.unknown()).default({}),
  training: planSettings.default({}),
  device: z.string().optional(),
  seed: z.number().int().default(0),
  name: z.string().min(1).max(120).optional(),
  out: z.string().optional(),
});

/** A kind of prior over codes. */
export type PriorInfo = Omit<FamilyInfo, 'latent' | 'conditional' | 'restyles'>;

/** Exactly one of an item of the run's data, a file and a picture's codes (those of all grids, the coarsest first). */
const picture = {
  item: z.number().int().min(0).optional(),
  path: z.string().optional(),
  codes: z.array(z.number().int().min(0)).optional(),
};

/** A `region` in cells of a grid, or a `mask` of it, row by row, 1 for meant; of all grids where none is named: cells of the finest, and those over them. */
const where = {
  region: z.object({ x: z.number().int().min(0), y: z.number().int().min(0), width: z.number().int().min(1), height: z.number().int().min(1) }).optional(),
  mask: z.array(z.union([z.literal(0), z.literal(1)])).optional(),
};

export interface Estimate {
  device: string;
  parameters: number;
  secondsPerStep: number;
  steps: number;
  totalSec: number;
  memoryBytes: number;
  freeMemoryBytes: number;
  /** How it was found: "measured over 3 steps". */
  basis: string;
  warnings: string[];
}

export type RunEvent =
  | { type: 'info'; run: RunInfo }
  | { type: 'metrics'; rows: MetricRow[] }
  /** A new preview (reconstructions, samples) is on disk. */
  | { type: 'preview'; step: number }
  /** A new frame of the map is on disk. */
  | { type: 'map'; step: number };

/** An item of a run's data, or of a second set. */
export interface AnomalyItem {
  index: number;
  /** Whether it is of the second set. */
  stranger: boolean;
  name: string;
  label: string | null;
  /** Higher is stranger. */
  score: number;
  flagged: boolean;
  /** What labels say; null where nobody knows. */
  anomalous: boolean | null;
}

export interface AnomalyReport {
  score: { kind: 'bound' | 'reconstruction'; unit: string; meaning: string };
  threshold: number;
  /** As asked for, of the held-out items that the threshold comes from. */
  falsePositives: number;
  thresholdItems: number;
  /** Of normal test items. */
  measuredFalsePositives: number | null;
  /** Part of the known anomalies above the threshold. */
  found: number | null;
  auroc: number | null;
  /** The strangest first. */
  items: AnomalyItem[];
  /** The first items as pictures. */
  strangest: Sheet;
  notes: string[];
}

export interface MetricRow {
  step: number;
  split: 'train' | 'validation';
  /** Seconds of training so far. */
  time: number;
  [metric: string]: number | string;
}

export interface RunPreview {
  step: number;
  steps: number[];
  /** Rows: originals then reconstructions of the same held-out items; `items` are their indices. */
  originals: Sheet;
  /** What the model was shown of them, where that is something else: noisy ones. */
  shown?: Sheet;
  reconstructions: Sheet;
  samples: Sheet | null;
  /** Use of each code in the held-out set, summing to 1. [K] */
  codeUsage: Float32Array | null;
  /** KL of each latent dimension in nats. [D] */
  klPerDimension: Float32Array | null;
}

const run = z.string().min(1);

export const runs = {
  ...compress,
  'families.list': call<FamilyInfo[]>()(z.object({})),
  'train.estimate': call<Estimate>()(z.union([priorRequest, trainRequest])),
  'priors.list': call<PriorInfo[]>()(z.object({})),
  /** Learns how the codes of a run stand together; the run it makes samples by itself. */
  'train.prior': call<{ job: string; run: string }>()(priorRequest),
  'train.start': call<{ job: string; run: string }>()(trainRequest),
  /** Goes on with a paused, interrupted, cancelled or failed run from its last checkpoint; may lengthen it. */
  'train.continue': call<{ job: string; run: string }>()(z.object({ run, steps: z.number().int().min(1).optional(), minutes: z.number().positive().optional() })),

  'runs.list': call<RunInfo[]>()(z.object({ folder: z.string().optional() })),
  'runs.get': call<RunInfo>()(z.object({ run })),
  'runs.rename': call<RunInfo>()(z.object({ run, name: z.string().min(1).max(120) })),
  /** Moves the run to the project's bin. */
  'runs.remove': call<null>()(z.object({ run })),
  'runs.restore': call<RunInfo>()(z.object({ run })),
  'runs.metrics': call<MetricRow[]>()(z.object({ run, sinceStep: z.number().int().min(0).default(0) })),
  /** What the doctor looks at in a run, well or not; a finding's settings are those of a new run that would repair it. */
  'runs.health': call<Health>()(z.object({ run })),
  'runs.preview': call<RunPreview | null>()(z.object({ run, step: z.number().int().min(0).optional() })),
  'runs.reconstruct': call<{ originals: Sheet; reconstructions: Sheet; psnrDb: number[]; names: string[]; /** Of all pictures; null for a continuous latent. */ codes: PictureCodes | null }>()(
    z.object({ run, paths: z.array(z.string()).max(256).optional(), items: z.array(z.number().int().min(0)).max(256).optional(), step: z.number().int().optional() }),
  ),
  /** With `label`, pictures of that class; without, each class in turn where the model is conditional. `note`: what they were drawn from. */
  'runs.sample': call<{ sheet: Sheet; seed: number; note: string }>()(
    z.object({ run, count: z.number().int().min(1).max(256).default(64), ...drawing, /** Run of a prior that has learned the codes of `run`. */ prior: z.string().optional(), step: z.number().int().optional() }),
  ),
  /**
   * Draws some codes of a picture anew by a prior, holding the others. `original` is the picture as its codes have it; `height` and `width`
   * are the finest grid's.
   */
  'runs.resample': call<{ original: Sheet; sheet: Sheet; height: number; width: number; codes: PictureCodes }>()(
    z.object({ run, ...picture, ...where, /** The one grid that is drawn anew, in whose cells the place is given; unset: all, under places of the finest. */ grid: z.string().optional(), count: z.number().int().min(1).max(64).default(8), ...drawing, step: z.number().int().optional() }),
  ),
  /**
   * Pictures along single latent dimensions: a row a dimension, `values` the columns; starts at an item of the run's data, a file, a draw of
   * the prior or its centre. Of a discrete VAE a row is a variable and a column a category.
   */
  'runs.traverse': call<{ sheet: Sheet; rows: { dimension: number; klNats: number | null; at: number }[]; values: number[]; original: Sheet | null }>()(
    z.object({
      run,
      item: z.number().int().min(0).optional(),
      path: z.string().optional(),
      /** Where to start when no picture is named. */
      from: z.enum(['centre', 'random']).default('centre'),
      seed: z.number().int().default(0),
      label: z.string().optional(),
      /** Unset: the ten most informative. */
      dimensions: z.array(z.number().int().min(0)).min(1).max(64).optional(),
      steps: z.number().int().min(2).max(64).default(9),
      /** From -range to range, in standard deviations of the prior. */
      range: z.number().positive().max(10).default(3),
      step: z.number().int().optional(),
    }),
  ),
  /** A plane of latent space as a square of pictures: `dimensions` across and up, `values` on both axes; unset `range`: quantiles of N(0, 1). */
  'runs.manifold': call<{ sheet: Sheet; dimensions: [number, number]; values: number[] }>()(
    z.object({
      run,
      dimensions: z.tuple([z.number().int().min(0), z.number().int().min(0)]).optional(),
      side: z.number().int().min(2).max(40).default(16),
      range: z.number().positive().max(10).optional(),
      /** Holds the other dimensions at this item's. */
      item: z.number().int().min(0).optional(),
      label: z.string().optional(),
      seed: z.number().int().default(0),
      step: z.number().int().optional(),
    }),
  ),
  /** A picture from the codes of two: those of `b` in the named grids and places, else those of `a`. `originals` are both as their codes have them. */
  'runs.mix': call<{ originals: Sheet; mixed: Picture; codes: PictureCodes }>()(
    z.object({ run, a: z.object(picture), b: z.object(picture), /** Grids taken from b; unset: all. */ grids: z.array(z.string()).optional(), /** Unset: everywhere. */ ...where, step: z.number().int().optional() }),
  ),
  /** A picture as a model with codes writes it down, and what it makes of that. `original` is null where codes were given. */
  'runs.codes': call<{ codes: PictureCodes; original: Picture | null; reconstruction: Picture }>()(z.object({ run, ...picture, step: z.number().int().optional() })),
  /** The picture that codes stand for. */
  'runs.decode': call<Picture>()(z.object({ run, codes: z.array(z.number().int().min(0)), step: z.number().int().optional() })),
  /**
   * Noisy in, clean out. Files are taken as noisy unless `noise` (standard deviation of values in [0, 1]) is laid over them; items of the run's
   * data get the noise it was trained with. PSNR and gain are known where the clean picture is.
   */
  'runs.denoise': call<{ names: string[]; noise: number; originals: Sheet | null; noisy: Sheet; cleaned: Sheet; noisyPsnrDb: number[] | null; cleanedPsnrDb: number[] | null; gainDb: number | null; note: string }>()(
    z.object({
      run,
      paths: z.array(z.string()).max(256).optional(),
      items: z.array(z.number().int().min(0)).max(256).optional(),
      noise: z.number().min(0).max(1).optional(),
      seed: z.number().int().default(0),
      step: z.number().int().optional(),
    }),
  ),
  /**
   * Test items (and those of `data`, a second set whose items are all anomalies), the strangest first, with a threshold that `falsePositives` of
   * held-out normal pictures pass. `strangest` shows the first of them in order. Rates and AUROC are known where labels or a second set tell.
   */
  'runs.anomalies': call<AnomalyReport>()(
    z.object({
      run,
      score: z.enum(['auto', 'bound', 'reconstruction']).default('auto'),
      falsePositives: z.number().min(0).max(0.5).default(0.05),
      /** Classes of the run's data that count as anomalies. */
      anomalousClasses: z.array(z.string()).optional(),
      data: z.string().optional(),
      limit: z.number().int().min(1).optional(),
      step: z.number().int().optional(),
    }),
  ),
  /** Metrics of a split; what takes longer is asked for. `notes` say, for people, what figures rest on. */
  'runs.evaluate': call<{ metrics: Record<string, number>; notes: string[]; split: string; items: number; step: number; seconds: number }>()(
    z.object({
      run,
      split: z.enum(['train', 'validation', 'test']).default('test'),
      limit: z.number().int().min(1).optional(),
      /** Samples of z per item for the importance-weighted bound, `iwNats`. */
      importance: z.number().int().min(1).max(10_000).optional(),
      /** Pictures to draw: Frechet distance, precision, recall, coverage; by class: how many are recognised. */
      samples: z.number().int().min(10).max(50_000).optional(),
      extractor: z.enum(['auto', 'mobilenet', 'classifier']).default('auto'),
      /** Drawn pictures that a classifier learns from, for the classification accuracy score. */
      learnFrom: z.number().int().min(50).max(100_000).optional(),
      /** MIG, DCI and FactorVAE score, of sets whose factors are known. */
      factors: z.boolean().default(false),
      seed: z.number().int().default(0),
      step: z.number().int().optional(),
    }),
  ),
  'runs.embed': call<{ out: string; rows: number; columns: string[] }>()(
    z.object({ run, out: z.string().min(1), split: z.enum(['train', 'validation', 'test', 'all']).default('all'), step: z.number().int().optional() }),
  ),
  'runs.export': call<{ folder: string; files: string[]; maxDifference: number }>()(
    z.object({ run, out: z.string().min(1), batch: z.number().int().min(1).max(256).default(1), step: z.number().int().optional() }),
  ),
};

export const runStreams = {
  'run.events': stream<RunEvent>()(z.object({ run })),
};

/** One still picture, e.g. of a decoded point. */
export type { Picture };
