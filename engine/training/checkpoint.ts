import { AtelierError } from '../core/errors.ts';
import type { ImageSpec, Model, Trainable } from '../models/define.ts';
import { familyOf } from '../models/index.ts';
import { voiceFamilyOf } from '../models/voices.ts';
import { priorOf } from '../priors/index.ts';
import { priorModelOf } from './codec.ts';
import type { RunInfo } from './types.ts';

/** Builds the model that a run's record describes. @param size of the pictures; unset: as it was trained @throws AtelierError 'not-found' | 'bad-input' */
export function modelOf(info: Pick<RunInfo, 'family' | 'config' | 'data'>, size: { height: number; width: number } = info.data): Model {
  const family = familyOf(info.family);
  return family.build(family.parse(info.config), specOf({ ...info.data, height: size.height, width: size.width }));
}

/** What a run trains: a model, a prior over the codes of one, or a model of voices. */
export type Subject = Trainable & Partial<Pick<Model, 'latent' | 'codeCounts'>>;

/** @throws AtelierError 'not-found' | 'bad-input' */
export function subjectOf(info: RunInfo): Subject {
  const voice = voiceFamilyOf(info.family);
  if (voice) return voice.build(voice.parse(info.config), specOf(info.data));
  return info.codec ? priorModelOf(info) : modelOf(info);
}

export const specOf = (data: { height: number; width: number; channels: number; classes: readonly string[]; clip?: { frames: number } }): ImageSpec => ({
  height: data.height,
  width: data.width,
  channels: data.channels,
  classes: data.classes.length,
  ...(data.clip ? { frames: data.clip.frames } : {}),
});

/** What a checkpoint says about itself; read by `checkMetadata`. */
export function metadataOf(info: RunInfo): Record<string, string> {
  const family = voiceFamilyOf(info.family) ?? (info.codec ? priorOf(info.family) : familyOf(info.family));
  const { fingerprint, width, height, channels, classes } = info.data;
  return {
    kind: family.kind,
    version: String(family.version),
    config: canonical(info.config),
    data: canonical({ fingerprint, width, height, channels, classes }),
    seed: String(info.seed),
    ...(info.codec ? { codec: info.codec.fingerprint } : {}),
  };
}

/**
 * Refuses a checkpoint that is not of this run.
 * @throws AtelierError 'newer-version' | 'bad-data' saying what differs
 */
export function checkMetadata(metadata: Readonly<Record<string, string>>, info: RunInfo, path: string): void {
  const wanted = metadataOf(info);
  if (metadata.kind === wanted.kind && Number(metadata.version) > Number(wanted.version)) {
    throw new AtelierError('newer-version', `${path} is of version ${metadata.version} of ${metadata.kind}; this application reads up to ${wanted.version}.`, 'Update Latent Atelier to go on with it.');
  }
  for (const key of ['kind', 'version', 'config', 'data', 'codec']) {
    if (metadata[key] === wanted[key]) continue;
    const got = metadata[key] === undefined ? 'nothing' : shorten(metadata[key]);
    throw new AtelierError('bad-data', `${path} does not belong to this run: its ${key} is ${got}, the run's is ${shorten(wanted[key])}.`, 'Restore the run folder as it was, or start a new run.');
  }
}

const shorten = (text: string) => (text.length > 160 ? `${text.slice(0, 157)}...` : text);

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v,
  );
}
