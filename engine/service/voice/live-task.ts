import { writeSound, type SoundFormat } from '../../audio/encode.ts';
import { AtelierError } from '../../core/errors.ts';
import { SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { targetOf } from './convert-file.ts';
import { withVoices } from './convert-task.ts';
import { CHUNK_SAMPLES, createLive } from './live.ts';
import { beginning, profileOf } from './profile.ts';
import type { TakeSettings } from '../../../electron/contract/index.ts';
import { soundOf } from './sound.ts';

export interface LiveRequest {
  model: string;
  /** A recording that comes in chunk by chunk, as from a microphone. */
  source: string;
  /** File to write. */
  out: string;
  format: SoundFormat;
  settings: TakeSettings;
}

export interface LiveSummary {
  out: string;
  chunks: number;
  chunkMs: number;
  /** Chunk and look ahead: what the method itself costs. */
  delayMs: number;
  /** Computing a chunk: in the middle, of 19 in 20, and at most, the first three left out, which compile. */
  computeMs: { median: number; most19of20: number; most: number };
  /** From a sound's coming in to its going out, 19 times in 20. */
  latencyMs: number;
  /** Chunks that took longer than they play: where there is one, it stutters. */
  late: number;
}

/** A live conversion takes its source's loudness and pitch from its first seconds. */
const HEARD_SEC = 5;
const WARM_UP = 3;

/** Converts a recording as live conversion would, and measures its delay. */
export const liveVoices: TaskFunction<'liveVoices'> = ({ model, source, out, format, settings }, context) =>
  withVoices(model, context, async (voices) => {
    const { target } = await targetOf(voices, settings);
    const live = createLive(voices.model, voices.speak, await profileOf(voices.model, await beginning(soundOf(source), HEARD_SEC)), target);
    const parts: Float32Array[] = [];
    const times: number[] = [];
    let waiting: Float32Array = new Float32Array(0);
    let heard = 0;
    const push = async (chunk: Float32Array) => {
      if (context.signal.aborted) throw new AtelierError('cancelled', 'The conversion was called off.', 'Start it again.');
      const from = performance.now();
      parts.push(await live.push(chunk));
      times.push(performance.now() - from);
      context.progress({ progress: 0, etaSec: null, message: `${Math.floor(times.length * CHUNK_SAMPLES / SAMPLE_RATE_HZ)} s converted`, device: 'CPU' });
    };
    for await (const piece of soundOf(source)) {
      heard += piece.length;
      const all = new Float32Array(waiting.length + piece.length);
      all.set(waiting);
      all.set(piece, waiting.length);
      let at = 0;
      for (; at + CHUNK_SAMPLES <= all.length; at += CHUNK_SAMPLES) await push(all.subarray(at, at + CHUNK_SAMPLES));
      waiting = all.slice(at);
    }
    if (heard === 0) throw new AtelierError('bad-data', `${source} has no sound in it.`, 'Choose another file.');
    // What is left, and silence until the last of it has come out.
    const rest = new Float32Array(Math.ceil((waiting.length + live.delaySec * SAMPLE_RATE_HZ) / CHUNK_SAMPLES) * CHUNK_SAMPLES);
    rest.set(waiting);
    for (let at = 0; at < rest.length; at += CHUNK_SAMPLES) await push(rest.subarray(at, at + CHUNK_SAMPLES));
    const whole = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    const late = Math.round((live.delaySec * SAMPLE_RATE_HZ) / CHUNK_SAMPLES - 1) * CHUNK_SAMPLES;
    await writeSound(out, whole.subarray(late, late + heard), { format });
    const chunkMs = (CHUNK_SAMPLES / SAMPLE_RATE_HZ) * 1000;
    const settled = times.slice(Math.min(WARM_UP, times.length - 1)).sort((a, b) => a - b);
    const part = (p: number) => settled[Math.min(settled.length - 1, Math.floor(p * settled.length))];
    const delayMs = live.delaySec * 1000;
    return {
      out, chunks: times.length, chunkMs, delayMs,
      computeMs: { median: part(0.5), most19of20: part(0.95), most: settled[settled.length - 1] },
      latencyMs: delayMs + part(0.95),
      late: settled.filter((ms) => ms > chunkMs).length,
    };
  });
