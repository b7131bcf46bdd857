/** Takes: folders with `take.json`, `take.wav` and `take.safetensors` (F0 and codes). */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Take, TakeInfo, TakeSettings } from '../../../electron/contract/index.ts';
import { encodeWav } from '../../audio/wav.ts';
import { FRAME_RATE_HZ, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { readRecord, recordText } from '../../core/record-file.ts';
import { readSafetensors, writeSafetensors } from '../../core/safetensors.ts';
import { clipOf } from './clip.ts';
import { beginning } from './profile.ts';
import { soundOf } from './sound.ts';

const FORMAT = 'latent-atelier-take';
const FILE = 'take.json';

export const takesFolder = (project: string): string => join(resolve(project), 'takes');

type TakeRecord = Omit<TakeInfo, 'take'> & { levels: number; codesPerSec: number };

export interface NewTake extends Omit<TakeInfo, 'take' | 'createdAt'> {
  samples: Float32Array;
  f0Hz: Float32Array;
  codes: Int32Array;
  levels: number;
  codesPerSec: number;
}

/** Of longer sources and takes only the beginning is drawn and played in the window. */
export const SHOWN_SEC = 600;

/** @param folder where takes lie @returns the take as the contract shows it */
export async function saveTake(folder: string, { samples, f0Hz, codes, ...rest }: NewTake): Promise<TakeInfo> {
  const createdAt = new Date().toISOString();
  const take = join(folder, `${createdAt.slice(0, 19).replace(/[-:T]/g, '')}-${randomBytes(3).toString('hex')}`);
  await mkdir(take, { recursive: true });
  await writeFileAtomic(join(take, 'take.wav'), encodeWav(samples, SAMPLE_RATE_HZ));
  await writeSafetensors(join(take, 'take.safetensors'), { f0Hz: { shape: [f0Hz.length], values: f0Hz }, codes: { shape: [codes.length], values: codes } });
  await writeFileAtomic(join(take, FILE), recordText(FORMAT, { ...rest, createdAt } satisfies TakeRecord));
  const { levels: _levels, codesPerSec: _perSec, ...info } = rest;
  return { take, ...info, createdAt };
}

/** @throws AtelierError 'not-found' | 'bad-data' */
export async function loadTake(take: string): Promise<Take> {
  const folder = resolve(take);
  const { levels, codesPerSec, ...info } = await readRecord<TakeRecord>(join(folder, FILE), FORMAT, 'a take');
  const { tensors } = await readSafetensors(join(folder, 'take.safetensors'));
  const samples = await beginning(soundOf(join(folder, 'take.wav')), SHOWN_SEC);
  return {
    take: folder,
    ...info,
    clip: clipOf(samples),
    f0Hz: tensors.f0Hz.values as Float32Array,
    frameRateHz: FRAME_RATE_HZ,
    codes: { values: tensors.codes.values as Int32Array, levels, perSec: codesPerSec },
  };
}

/** Newest first; folders that cannot be read are left out. */
export async function listTakes(folder: string, source?: string): Promise<TakeInfo[]> {
  const names = await readdir(folder).catch(() => []);
  const all = await Promise.all(names.map(async (name): Promise<TakeInfo | null> => {
    const { levels: _levels, codesPerSec: _perSec, ...info } = await readRecord<TakeRecord>(join(folder, name, FILE), FORMAT, 'a take').catch(() => ({}) as TakeRecord);
    return info.createdAt === undefined ? null : { take: join(folder, name), ...info };
  }));
  return all.filter((info) => info !== null && (source === undefined || info.source === source)).sort((a, b) => b!.createdAt.localeCompare(a!.createdAt)) as TakeInfo[];
}

/** What a take was asked for, complete. */
export const settingsOf = (request: { voice?: string; reference?: string; pitchSemitones: number | null; formantSemitones: number; strength: number }): TakeSettings => ({
  voice: request.voice ?? null,
  reference: request.reference ?? null,
  pitchSemitones: request.pitchSemitones,
  formantSemitones: request.formantSemitones,
  strength: request.strength,
});
