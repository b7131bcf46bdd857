/**
 * Everything that converting to a set of voices takes, in one safetensors file with half-precision weights: `converter/...`,
 * `recogniser/...`, `vocoder/...` parameters, `centroids` `[S, size]` of the recogniser's vectors, `colour/mean` and `colour/gain`
 * `[S, MEL_BINS]`, and in its metadata `about`, the rest as JSON. A run of a converter writes it as `voices.safetensors`; the sample voices
 * ship as one.
 */
import type { Shape } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import { fromHalf, toHalf } from '../core/half.ts';
import { readSafetensors, writeSafetensors, type SafeTensors } from '../core/safetensors.ts';

export const BUNDLE_FILE = 'voices.safetensors';
const FORMAT = 'latent-atelier-voices';
const VERSION = 1;

export interface BundleSpeaker {
  name: string;
  medianF0Hz: number;
  f0SpreadSemitones: number;
  durationSec: number;
  utterances: number;
}

export interface BundleAbout {
  name: string;
  /** Settings of the models, as their families parse them. */
  converter: Record<string, unknown>;
  recogniser: Record<string, unknown>;
  /** Unset: another vocoder speaks. */
  vocoder?: Record<string, unknown>;
  speakers: BundleSpeaker[];
  /** Frames of the windows that the converter was trained on. */
  windowFrames: number;
  step: number;
  /** Use of each code over the training recordings, summing to 1, `[K]`. */
  codeUsage: number[];
  /** What evaluation found, empty before. */
  figures: Record<string, number>;
}

export type Weights = Record<string, { shape: Shape; values: Float32Array }>;
export interface Bundle {
  about: BundleAbout;
  weights: Weights;
}

/** @throws AtelierError 'disk-full' | 'no-permission' */
export async function writeBundle(path: string, { about, weights }: Bundle): Promise<void> {
  const tensors: SafeTensors = {};
  // The format's halves travel as bytes: two a number.
  for (const [name, { shape, values }] of Object.entries(weights)) tensors[name] = { shape: [...shape, 2], values: new Uint8Array(toHalf(values).buffer) };
  await writeSafetensors(path, tensors, { format: FORMAT, version: String(VERSION), about: JSON.stringify(about) });
}

/** @throws AtelierError 'not-found' | 'bad-data' | 'newer-version' */
export async function readBundle(path: string): Promise<Bundle> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.format !== FORMAT || metadata.about === undefined) throw new AtelierError('bad-data', `${path} does not hold voices.`, 'Choose the voices.safetensors of a finished voice training.');
  if (Number(metadata.version) > VERSION) throw new AtelierError('newer-version', `${path} was written by a newer version.`, 'Update Latent Atelier to use it.');
  const weights: Weights = {};
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    if (!(values instanceof Uint8Array) || shape.at(-1) !== 2) throw new AtelierError('bad-data', `${path}: '${name}' does not hold half-precision numbers.`, 'Use another copy of the file.');
    weights[name] = { shape: shape.slice(0, -1), values: fromHalf(new Uint16Array(values.slice().buffer), 0, new Float32Array(values.length / 2)) };
  }
  return { about: JSON.parse(metadata.about) as BundleAbout, weights };
}

/** Those whose name begins with the prefix, without it. */
export const weightsUnder = (weights: Weights, prefix: string): Weights =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]));
