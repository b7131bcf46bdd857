import { basename, extname, join } from 'node:path';
import { hopLineDb, logSpectralDistance } from '../../audio/compare.ts';
import { openSound } from '../../audio/decode.ts';
import { writeSound, type SoundFormat } from '../../audio/encode.ts';
import { logMel } from '../../audio/features.ts';
import { griffinLim } from '../../audio/griffin-lim.ts';
import { readMono } from '../../audio/mono.ts';
import { framesOf, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { AtelierError } from '../../core/errors.ts';
import { openDevice } from '../../device/index.ts';
import { openRun } from '../../store/run-folder.ts';
import { vocoderPass } from '../../training/vocoder-pass.ts';
import { loadVocoder } from '../../training/vocoder-run.ts';
import type { TaskFunction } from '../worker-messages.ts';

export interface VocodeRequest {
  /** Sound files. */
  paths: string[];
  /** Folder to write to. */
  out: string;
  format: SoundFormat;
  /** Run of a vocoder; unset: Griffin and Lim's method. */
  run?: string;
  /** Also measures 60 iterations of Griffin and Lim's method on the same spectra. */
  compare: boolean;
}

export interface VocodedItem {
  source: string;
  out: string;
  /** From the recording, see `engine/audio/compare.ts`. */
  spectralDistanceDb: number;
  hopLineDb: number;
  griffinLimDistanceDb: number | null;
  timesRealtime: number;
}

export interface VocodeSummary {
  folder: string;
  items: VocodedItem[];
}

const ITERATIONS = 60;

/** Sound to spectra and back: what a vocoder alone does to recordings, with figures. */
export const vocode: TaskFunction<'vocode'> = async ({ paths, out, format, run, compare }, { signal, progress }) => {
  const device = await openDevice('cpu');
  try {
    const speech = run ? await loadVocoder(await openRun(run)) : null;
    const state = speech ? device.createState(speech.weights) : null;
    const pass = speech && state ? vocoderPass(device, speech.model, state) : null;
    try {
      const items: VocodedItem[] = [];
      for (const [i, path] of paths.entries()) {
        if (signal.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
        progress({ progress: i / paths.length, etaSec: null, message: `${i + 1} of ${paths.length} recordings` });
        const sound = await openSound(path);
        const samples = await readMono(sound).finally(() => sound.close());
        const frames = framesOf(samples.length);
        const mel = logMel(samples);
        const from = performance.now();
        const made = (pass ? await pass.speak(mel, frames) : griffinLim(mel, frames, { iterations: ITERATIONS })).subarray(0, samples.length);
        const seconds = (performance.now() - from) / 1000;
        const file = join(out, `${basename(path, extname(path))}.${format}`);
        await writeSound(file, made, { format });
        items.push({
          source: path,
          out: file,
          spectralDistanceDb: logSpectralDistance(made, samples),
          hopLineDb: hopLineDb(made, samples),
          griffinLimDistanceDb: compare ? logSpectralDistance(griffinLim(mel, frames, { iterations: ITERATIONS, momentum: 0 }), samples) : null,
          timesRealtime: samples.length / SAMPLE_RATE_HZ / seconds,
        });
      }
      return { folder: out, items };
    } finally {
      pass?.dispose();
      state?.dispose();
    }
  } finally {
    device.dispose();
  }
};
