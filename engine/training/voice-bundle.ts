/**
 * Everything that converting to a set of voices takes, in one safetensors file with half-precision weights, or large ones as octets:
 * `converter/...`,
 * `recogniser/...`, `vocoder/...` parameters, `centroids` `[S, size]` of the recogniser's vectors, `colour/mean` and `colour/gain`
 * `[S, MEL_BINS]`, and in its metadata `about`, the rest as JSON. A run of a converter writes it as `voices.safetensors`; the sample voices
 * ship as one.
 */
import type { Shape } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import { fromHalf, toHalf } from '../core/half.ts';
import { fromOctets, toOctets } from '../core/octet-blocks.ts';
import { readSafetensors, writeSafetensors, type SafeTensors } from '../core/safetensors.ts';

export const BUNDLE_FILE = 'voices.safetensors';
const FORMAT = 'latent-atelier-voices';
/** 2: weights may be octets. */
const VERSION = 2;
/** Smaller ones are not worth it. */
const LARGE = 4096;
const SCALES = '#scales';

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

/**
 * @param small large tensors as octets: half the room, 45 dB of what they say
 * @throws AtelierError 'disk-full' | 'no-permission'
 */
export async function writeBundle(path: string, { about, weights }: Bundle, { small = false }: { small?: boolean } = {}): Promise<void> {
  const tensors: SafeTensors = {};
  for (const [name, { shape, values }] of Object.entries(weights)) {
    if (small && values.length >= LARGE) {
      const { octets, scales } = toOctets(values);
      tensors[name] = { shape: [...shape, 1], values: octets };
      tensors[name + SCALES] = { shape: [scales.length, 2], values: new Uint8Array(scales.buffer) };
      // The format's halves travel as bytes: two a number.
    } else tensors[name] = { shape: [...shape, 2], values: new Uint8Array(toHalf(values).buffer) };
  }
  await writeSafetensors(path, tensors, { format: FORMAT, version: String(small ? VERSION : 1), about: JSON.stringify(about) });
}

/** @throws AtelierError 'not-found' | 'bad-data' | 'newer-version' */
export async function readBundle(path: string): Promise<Bundle> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.format !== FORMAT || metadata.about === undefined) throw new AtelierError('bad-data', `${path} does not hold voices.`, 'Choose the voices.safetensors of a finished voice training.');
  if (Number(metadata.version) > VERSION) throw new AtelierError('newer-version', `${path} was written by a newer version.`, 'Update Latent Atelier to use it.');
  const weights: Weights = {};
  const octetsOf = (values: unknown, name: string): Uint8Array => {
    if (values instanceof Uint8Array) return values;
    throw new AtelierError('bad-data', `${path}: '${name}' holds neither half-precision numbers nor octets.`, 'Use another copy of the file.');
  };
  const halvesOf = (bytes: Uint8Array) => new Uint16Array(bytes.slice().buffer);
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    if (name.endsWith(SCALES)) continue;
    const bytes = octetsOf(values, name);
    const scales = tensors[name + SCALES];
    weights[name] = {
      shape: shape.slice(0, -1),
      values: scales ? fromOctets({ octets: bytes, scales: halvesOf(octetsOf(scales.values, name)) }) : fromHalf(halvesOf(bytes), 0, new Float32Array(bytes.length / 2)),
    };
  }
  return { about: JSON.parse(metadata.about) as BundleAbout, weights };
}

/** Those whose name begins with the prefix, without it. */
export const weightsUnder = (weights: Weights, prefix: string): Weights =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]));
