import { BANDS, linearBands, SILENT_BANDS } from '../audio/bands.ts';
import { LOG_MEL_FLOOR, MEL_BINS } from '../core/analysis.ts';
import type { AudioSet, AudioSplit } from '../core/audio-set.ts';
import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { COLUMN, FRAME_COLUMNS, packFrames } from '../models/voice-frames.ts';

/** Steps from window to window, as parts of a window, in training; held-out windows do not overlap. */
const OVERLAP = 4;

/** What a window is cut from: rows of one speaker's utterances one after another. */
interface Track {
  rows: Float32Array;
  frames: number;
}

/**
 * Windows of a prepared set as "pictures" of `[frames, columns]` for the trainer: what the speakers of each split say is laid end to end and
 * cut into windows, so that short clips fill them too. Classes are the speakers.
 * @param rowsOf what a model reads of one utterance, `[T, columns]`
 * @param silence one row of silence, `[columns]`, which fills the window of a speaker who says too little
 */
export async function windowSet(set: AudioSet, frames: number, columns: number, rowsOf: (utterance: number) => Promise<Float32Array>, silence: Float32Array): Promise<ImageSet> {
  const items: { track: Track; from: number; speaker: number; name: string }[] = [];
  const split: Record<AudioSplit, number[]> = { train: [], validation: [], test: [] };
  for (const part of ['train', 'validation', 'test'] as const) {
    for (const [speaker, { name }] of set.speakers.entries()) {
      const blocks: Float32Array[] = [];
      for (const utterance of set.split[part]) if (set.utterances[utterance].speaker === speaker) blocks.push(await rowsOf(utterance));
      const length = blocks.reduce((n, block) => n + block.length, 0) / columns;
      if (length === 0) continue;
      const track = lay(blocks, Math.max(frames, length), columns, silence);
      const step = part === 'train' ? Math.max(1, Math.floor(frames / OVERLAP)) : frames;
      for (let from = 0; from + frames <= track.frames; from += step) {
        split[part].push(items.length);
        items.push({ track, from, speaker, name: `${name}, ${part}, ${from}` });
      }
    }
  }
  if (split.train.length === 0) throw new AtelierError('bad-data', `${set.name} has nothing to train on.`, 'Give longer recordings.');
  return {
    ref: set.ref,
    name: set.name,
    fingerprint: set.fingerprint,
    height: frames,
    width: columns,
    channels: 1,
    count: items.length,
    classes: set.speakers.map(({ name }) => name),
    labels: Int32Array.from(items, ({ speaker }) => speaker),
    itemName: (index) => items[index].name,
    split: { train: Int32Array.from(split.train), validation: Int32Array.from(split.validation), test: Int32Array.from(split.test) },
    async read(indices, out = new Float32Array(indices.length * frames * columns)) {
      for (let i = 0; i < indices.length; i++) {
        const { track, from } = items[indices[i]];
        out.set(track.rows.subarray(from * columns, (from + frames) * columns), i * frames * columns);
      }
      return out;
    },
    close: async () => {},
  };
}

function lay(blocks: readonly Float32Array[], frames: number, columns: number, silence: Float32Array): Track {
  const rows = new Float32Array(frames * columns);
  for (let t = 0; t < frames; t++) rows.set(silence, t * columns);
  let at = 0;
  for (const block of blocks) {
    rows.set(block, at);
    at += block.length;
  }
  return { rows, frames };
}

/** What the converter is trained on: spectra and prosody, `[frames, FRAME_COLUMNS]`. */
export function converterWindows(set: AudioSet, frames: number): Promise<ImageSet> {
  const silence = new Float32Array(FRAME_COLUMNS).fill(LOG_MEL_FLOOR, 0, MEL_BINS);
  silence[COLUMN.f0Hz] = 150;
  silence[COLUMN.level] = (-100 + 30) / 20;
  return windowSet(set, frames, FRAME_COLUMNS, async (utterance) => packFrames(await set.readFeatures(utterance), set.speakers[set.utterances[utterance].speaker].medianF0Hz), silence);
}

/** What the recogniser is trained on: `[frames, BANDS]`. */
export function recogniserWindows(set: AudioSet, frames: number): Promise<ImageSet> {
  return windowSet(set, frames, BANDS, async (utterance) => linearBands(await set.readSamples(utterance)), SILENT_BANDS);
}
