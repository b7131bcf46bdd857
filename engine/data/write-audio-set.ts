import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FRAME_RATE_HZ, HOP_SAMPLES, MEL_BINS } from '../core/analysis.ts';
import type { Features, Speaker, Utterance } from '../core/audio-set.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { toHalf } from '../core/half.ts';
import { recordText } from '../core/record-file.ts';
import { ANALYSIS, AUDIO_SET_FILE, AUDIO_SET_FORMAT, MEL_FILE, PITCH_COLUMNS, PITCH_FILE, SAMPLES_FILE, UTTERANCES_FILE, UTTERANCES_FORMAT, type AudioSetRecord } from './audio-set.ts';
import { dealSplits, splitIndices } from './split.ts';

export interface NewUtterance {
  name: string;
  /** Index into the set's speakers. */
  speaker: number;
  text?: string;
  /** Utterances of one group never straddle splits; unset: each for itself. */
  group?: string;
  /** In [-1, 1]; at most `features.frames` hops of them, zeros are added up to that. */
  samples: Float32Array;
  features: Features;
}

/** Writes a prepared set one utterance at a time; the folder appears whole at `finish` or not at all. */
export interface AudioSetWriter {
  readonly utterances: number;
  add(utterance: NewUtterance): Promise<void>;
  /** @throws AtelierError 'bad-data' when nothing was added, 'disk-full' | 'no-permission' */
  finish(about: { name: string; source: string; speakers: readonly string[]; seed: number; skipped: AudioSetRecord['skipped']; warnings: (speakers: readonly Speaker[]) => readonly string[] }): Promise<void>;
  /** Takes back what was written. */
  abandon(): Promise<void>;
}

/** Bins of the histogram that gives the median F0: 10 cents from 40 Hz on. */
const PITCH_STEP = 120;
const PITCH_FROM_HZ = 40;
const PITCH_BINS = 600;

/** @param folder must not exist @throws AtelierError 'bad-input' | 'disk-full' | 'no-permission' */
export async function writeAudioSet(folder: string): Promise<AudioSetWriter> {
  const target = resolve(folder);
  const partial = join(dirname(target), `.${randomBytes(6).toString('hex')}.partial`);
  const doing = `writing ${target}`;
  const fail = (error: unknown): never => {
    throw toAtelierError(error, doing);
  };
  await mkdir(partial, { recursive: true }).catch(fail);
  const files = await Promise.all([SAMPLES_FILE, MEL_FILE, PITCH_FILE].map((name) => open(join(partial, name), 'w'))).catch(fail);
  const hash = createHash('sha256').update(JSON.stringify(ANALYSIS));
  const all: Omit<Utterance, 'split'>[] = [];
  const groups: (string | undefined)[] = [];
  const pitches: Float64Array[] = [];

  const abandon = async (): Promise<void> => {
    await Promise.all(files.map((file) => file.close().catch(() => {})));
    await rm(partial, { recursive: true, force: true });
  };

  return {
    get utterances() {
      return all.length;
    },
    async add({ name, speaker, text = '', group, samples, features }) {
      const { frames, f0Hz, voicing, energyDb, logMel } = features;
      if (samples.length > frames * HOP_SAMPLES || logMel.length !== frames * MEL_BINS) throw new AtelierError('internal', `Utterance ${name}: ${samples.length} samples do not go with ${frames} frames.`, 'This is a fault of the application.');
      const steps = new Int16Array(frames * HOP_SAMPLES);
      for (let i = 0; i < samples.length; i++) steps[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768)));
      const rows = new Float32Array(frames * PITCH_COLUMNS);
      const counts = (pitches[speaker] ??= new Float64Array(PITCH_BINS));
      for (let t = 0; t < frames; t++) {
        rows.set([f0Hz[t], voicing[t], energyDb[t]], t * PITCH_COLUMNS);
        if (f0Hz[t] > 0) counts[Math.max(0, Math.min(PITCH_BINS - 1, Math.round(PITCH_STEP * Math.log2(f0Hz[t] / PITCH_FROM_HZ))))]++;
      }
      const parts = [steps, toHalf(logMel), rows].map((array) => new Uint8Array(array.buffer));
      hash.update(`${speaker} ${name}\n${text}\n`).update(parts[0]);
      try {
        for (const [i, bytes] of parts.entries()) {
          let at = 0;
          while (at < bytes.length) at += (await files[i].write(bytes, at, bytes.length - at)).bytesWritten;
        }
      } catch (error) {
        fail(error);
      }
      all.push({ name, speaker, frames, text });
      groups.push(group);
    },
    async finish({ name, source, speakers, seed, skipped, warnings }) {
      if (all.length === 0) throw new AtelierError('bad-data', `No speech was found in ${source}.`, 'Choose a folder that has one folder of recordings for each speaker.');
      try {
        for (const file of files) {
          await file.sync();
          await file.close();
        }
        const splits = dealSplits(all.map((u, i) => ({ name: u.name, label: u.speaker, ...(groups[i] === undefined ? {} : { group: groups[i] }) })), seed);
        const utterances: Utterance[] = all.map((u, i) => ({ ...u, split: splits[i] }));
        hash.update(splits.join()).update(speakers.join('\n'));
        const { train, validation, test } = splitIndices(splits);
        const voices = speakers.map((speaker, s): Speaker => {
          const own = all.filter((u) => u.speaker === s);
          return { name: speaker, utterances: own.length, durationSec: seconds(own), ...pitchOf(pitches[s]) };
        });
        const record: AudioSetRecord = {
          name, source, speakers: voices, utterances: all.length, durationSec: seconds(all),
          split: { train: train.length, validation: validation.length, test: test.length },
          skipped, warnings: [...warnings(voices)], fingerprint: hash.digest('hex').slice(0, 32), analysis: ANALYSIS,
        };
        await writeFileAtomic(join(partial, UTTERANCES_FILE), recordText(UTTERANCES_FORMAT, { utterances }), doing);
        await writeFileAtomic(join(partial, AUDIO_SET_FILE), recordText(AUDIO_SET_FORMAT, record), doing);
        await rename(partial, target);
      } catch (error) {
        await abandon();
        fail(error);
      }
    },
    abandon,
  };
}

const seconds = (utterances: readonly { frames: number }[]): number => utterances.reduce((sum, u) => sum + u.frames, 0) / FRAME_RATE_HZ;

function pitchOf(counts: Float64Array | undefined): { medianF0Hz: number; f0SpreadSemitones: number } {
  const total = counts?.reduce((sum, n) => sum + n, 0) ?? 0;
  if (!counts || total === 0) return { medianF0Hz: 0, f0SpreadSemitones: 0 };
  let below = 0;
  const median = counts.findIndex((n) => (below += n) >= total / 2);
  // By the median of the distances from the median (times 1.4826, a normal deviation), which a few wrong octaves leave alone.
  const distances = new Float64Array(PITCH_BINS);
  counts.forEach((n, bin) => (distances[Math.abs(bin - median)] += n));
  let within = 0;
  const middle = distances.findIndex((n) => (within += n) >= total / 2);
  return { medianF0Hz: PITCH_FROM_HZ * 2 ** (median / PITCH_STEP), f0SpreadSemitones: (1.4826 * middle) / 10 };
}
