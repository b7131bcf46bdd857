import { basename, extname, join } from 'node:path';
import type { BatchItem, BatchState } from '../../../electron/contract/index.ts';
import { SOUND_ENDINGS } from '../../audio/decode.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { writeSound } from '../../audio/encode.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { openDevice } from '../../device/index.ts';
import type { TaskContext, TaskFunction } from '../worker-messages.ts';
import { BATCH_FILE } from './batch-state.ts';
import { convertFile } from './convert-file.ts';
import { openVoices, type OpenVoices } from './open-voices.ts';
import { soundFiles } from './sound-files.ts';
import { saveTake } from './take.ts';

const MP3_RATE_HZ = 44_100;

/** Conversions run on the CPU: small windows, one after another, are no work for a GPU. */
export async function withVoices<T>(ref: string, context: TaskContext, work: (voices: OpenVoices) => Promise<T>): Promise<T> {
  context.progress({ progress: 0, etaSec: null, message: 'Opening the voices' });
  const device = await openDevice('cpu');
  try {
    const voices = await openVoices(ref, device);
    try {
      return await work(voices);
    } finally {
      voices.dispose();
    }
  } finally {
    device.dispose();
  }
}

/** Converts one file to a take. */
export const convertTake: TaskFunction<'convert'> = ({ model, source, settings, folder }, context) =>
  withVoices(model, context, async (voices) => {
    const found = await convertFile(voices, source, settings, { signal: context.signal, onProgress: (progress, message) => context.progress({ progress, etaSec: null, message, device: 'CPU' }) });
    const { levels, codesPerSec } = voices.model.converter;
    const { durationSec, timesRealtime, scores, samples, codes, f0Hz, sourceName } = found;
    return saveTake(folder, { model, source, sourceName, settings, durationSec, timesRealtime, scores, samples, codes, f0Hz, levels, codesPerSec });
  });

/** Converts files and folders into a folder; what cannot be read is told in the list and passed over. */
export const convertBatch: TaskFunction<'convertBatch'> = ({ model, paths, out, single, format, sampleRateHz, settings }, context) =>
  withVoices(model, context, async (voices) => {
    const files = await soundFiles(paths);
    if (files.length === 0) throw new AtelierError('bad-data', `There is no sound in ${paths.join(', ')}.`, `Name files or folders of ${SOUND_ENDINGS.slice(0, 7).join(', ')}.`);
    if (single && files.length > 1) throw new AtelierError('bad-input', `${files.length} files cannot become one, ${out}.`, 'Name a folder to write to.');
    const items: BatchItem[] = [];
    const taken = new Set<string>();
    for (const [i, source] of files.entries()) {
      if (context.signal.aborted) throw new AtelierError('cancelled', 'The conversion was called off.', `What was done is in ${out}.`);
      const name = unique(basename(source, extname(source)), taken);
      const path = single ? out : join(out, `${name}.${format}`);
      const say = (fraction: number) => context.progress({ progress: (i + fraction) / files.length, etaSec: null, message: `${i + 1} of ${files.length}: ${basename(source)}`, device: 'CPU' });
      say(0);
      try {
        const found = await convertFile(voices, source, settings, { signal: context.signal, onProgress: say });
        await writeSound(path, found.samples, { format, sampleRateHz: sampleRateHz ?? (format === 'mp3' ? MP3_RATE_HZ : undefined) });
        items.push({ source, out: path, durationSec: found.durationSec, timesRealtime: found.timesRealtime, scores: found.scores, error: null });
      } catch (thrown) {
        const error = toAtelierError(thrown, `converting ${source}`);
        if (!['bad-data', 'not-found', 'no-permission', 'bad-input'].includes(error.code) || files.length === 1) throw error;
        items.push({ source, out: null, durationSec: 0, timesRealtime: 0, scores: null, error: error.message });
      }
      if (!single) await writeFileAtomic(join(out, BATCH_FILE), `${JSON.stringify({ model, settings, items, waiting: files.slice(i + 1) } satisfies BatchState & Record<string, unknown>, null, 2)}\n`);
    }
    return { folder: out, items };
  });

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free.toLowerCase()); i++) free = `${name}-${i}`;
  taken.add(free.toLowerCase());
  return free;
}
