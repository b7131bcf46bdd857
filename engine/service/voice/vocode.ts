import { basename, extname, join } from 'node:path';
import { hopLineDb, logSpectralDistance } from '../../audio/compare.ts';
import { openSound } from '../../audio/decode.ts';
import { writeSound, type SoundFormat } from '../../audio/encode.ts';
import { logMel } from '../../audio/features.ts';
import { griffinLim } from '../../audio/griffin-lim.ts';
import { readMono } from '../../audio/mono.ts';
import { framesOf, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { AtelierError } from '../../core/errors.ts';
import { openDevice, type Device } from '../../device/index.ts';
import { openRun } from '../../store/run-folder.ts';
import { readBundle } from '../../training/voice-bundle.ts';
import { loadVocoder } from '../../training/vocoder-run.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { openSpeech, shippedBundle, speechOf, type Speech } from './speak.ts';

export interface VocodeRequest {
  /** Sound files. */
  paths: string[];
  /** Folder to write to. */
  out: string;
  format: SoundFormat;
  /** Run of a vocoder; unset: the one that ships. */
  run?: string;
  /** Griffin and Lim's method instead, which has learned nothing. */
  plain?: boolean;
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
export const vocode: TaskFunction<'vocode'> = async ({ paths, out, format, run, plain, compare }, { signal, progress }) => {
  const device = await openDevice('cpu');
  try {
    const speech = run ? await openRunSpeech(device, run) : plain ? null : openSpeech(device, await readBundle(shippedBundle()));
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
        const made = (speech ? await speech.speak(mel, frames) : griffinLim(mel, frames, { iterations: ITERATIONS })).subarray(0, samples.length);
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
      speech?.dispose();
    }
  } finally {
    device.dispose();
  }
};

async function openRunSpeech(device: Device, folder: string): Promise<Speech> {
  const { model, weights } = await loadVocoder(await openRun(folder));
  return speechOf(device, model, weights);
}
