import { monoAt } from '../audio/mono.ts';
import { openSound } from '../audio/decode.ts';
import { analyse } from '../audio/features.ts';
import { gainTo } from '../audio/loudness.ts';
import { sameRecording, signatureOf } from '../audio/signature.ts';
import { findSpeech } from '../audio/silence.ts';
import { SAMPLE_RATE_HZ } from '../core/analysis.ts';
import type { Speaker } from '../core/audio-set.ts';
import { AtelierError } from '../core/errors.ts';
import type { VoiceSetInfo } from '../../electron/contract/index.ts';
import { openAudioSet } from './audio-set.ts';
import type { Stop } from './build-dataset.ts';
import type { Skipped } from './source.ts';
import { openAudioSource, type AudioSource, type Recording } from './sources/audio-folder.ts';
import { writeAudioSet, type AudioSetWriter } from './write-audio-set.ts';

export interface PrepareOptions {
  /** A folder with one folder of recordings per speaker, or a table. */
  path: string;
  /** The folder of the prepared set; must not exist. */
  out: string;
  name?: string;
  seed?: number;
  signal?: Stop;
  /** 0 to 1, and what is being done; a few times a second. */
  onProgress?: (fraction: number, message: string) => void;
}

/** Longer recordings go through in parts of this length, cut in a pause, so that memory stays bounded. */
const PART_SEC = 300;
/** Shorter stretches are filled up with silence. */
export const SHORTEST_SEC = 0.5;
const LITTLE_SEC = 60;
const FEW_DB = 20;
const NAMED = 100;

/** What is noticed about the files on the way. */
interface Notes {
  clipped: string[];
  noisy: string[];
  dull: string[];
  padded: string[];
  other: string[];
  seen: { signature: Uint32Array; frames: number; speaker: number; name: string; group: string }[];
  twice: { a: string; b: string; across: boolean }[];
}

/**
 * Reads recordings into a prepared set: one channel, `SAMPLE_RATE_HZ`, loudness -23 LUFS, cut into stretches of speech, with their features.
 * Files that cannot be read are left out and named.
 * @throws AtelierError 'bad-data' when nothing can be used, 'bad-input' (the folder exists), 'cancelled', 'disk-full' | 'no-permission'
 */
export async function prepareAudio(options: PrepareOptions): Promise<VoiceSetInfo> {
  const source = await openAudioSource(options.path);
  const { recordings } = source;
  const writer = await writeAudioSet(options.out);
  const notes: Notes = { clipped: [], noisy: [], dull: [], padded: [], other: [], seen: [], twice: [] };
  const skipped: Skipped[] = [];
  const total = recordings.reduce((sum, { bytes }) => sum + bytes, 0) || 1;
  let done = 0;
  let told = 0;
  const step = async (within: number, message: string): Promise<void> => {
    if (options.signal?.aborted) throw new AtelierError('cancelled', 'Preparing the recordings was called off; nothing was kept.', 'Start it again when you like.');
    if (performance.now() - told < 200) return;
    told = performance.now();
    options.onProgress?.(Math.min(1, (done + within) / total), message);
    await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    for (const [i, recording] of recordings.entries()) {
      const message = `${i + 1} of ${recordings.length} recordings`;
      await step(0, message);
      try {
        await readRecording(recording, writer, notes, (fraction) => step(fraction * recording.bytes, message));
      } catch (error) {
        if (!(error instanceof AtelierError) || !['bad-data', 'not-found', 'no-permission'].includes(error.code)) throw error;
        skipped.push({ path: recording.name, reason: error.message });
      }
      done += recording.bytes;
    }
    if (writer.utterances === 0 && skipped.length > 0) {
      throw new AtelierError('bad-data', `None of the ${skipped.length} recordings in ${source.source} could be used. The first: ${skipped[0].reason}`, 'Choose a folder with readable recordings of speech.');
    }
    await writer.finish({
      name: options.name ?? source.name,
      source: source.source,
      speakers: source.speakers,
      seed: options.seed ?? 0,
      skipped: { total: skipped.length, files: skipped.slice(0, NAMED) },
      warnings: (speakers) => warningsOf(source, speakers, notes, skipped),
    });
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const set = await openAudioSet(options.out);
  await set.close();
  return set.info;
}

async function readRecording(recording: Recording, writer: AudioSetWriter, notes: Notes, progress: (fraction: number) => Promise<void>): Promise<void> {
  const sound = await openSound(recording.path);
  const part = Math.round(PART_SEC * SAMPLE_RATE_HZ);
  let kept: Float32Array = new Float32Array(0);
  let waiting: Float32Array[] = [];
  let samples = 0;
  let begins = 0;
  let heard = 0;
  const clips = { runs: 0, samples: 0, of: 0 };
  const use = async (all: Float32Array, last: boolean): Promise<void> => {
    const { spans, rest, floorDb, speechDb } = stretches(all, last);
    heard += spans.length;
    countClips(all.subarray(0, rest), clips);
    if (spans.length > 0 && speechDb - floorDb < FEW_DB && !notes.noisy.includes(recording.name)) notes.noisy.push(recording.name);
    const gain = gainTo(all.subarray(0, rest), SAMPLE_RATE_HZ);
    for (const { from, to } of spans) {
      await add(all.slice(from, to).map((x) => x * gain), begins + from, spans.length === 1 && last && begins === 0);
    }
    kept = all.slice(rest);
    begins += rest;
  };
  const add = async (piece: Float32Array, at: number, alone: boolean): Promise<void> => {
    const name = alone ? recording.name : `${recording.name}@${(at / SAMPLE_RATE_HZ).toFixed(2)}`;
    const least = Math.round(SHORTEST_SEC * SAMPLE_RATE_HZ);
    let filled = piece;
    if (piece.length < least) {
      filled = new Float32Array(least);
      filled.set(piece, (least - piece.length) >> 1);
      notes.padded.push(name);
    }
    const features = analyse(filled);
    const signature = signatureOf(features.logMel, features.frames);
    const same = notes.seen.find((one) => Math.abs(one.frames - features.frames) <= 0.04 * features.frames && sameRecording(one.signature, signature));
    if (same) notes.twice.push({ a: same.name, b: name, across: same.speaker !== recording.speaker });
    const group = same?.group ?? name;
    notes.seen.push({ signature, frames: features.frames, speaker: recording.speaker, name, group });
    await writer.add({ name, speaker: recording.speaker, text: alone ? recording.text : '', group, samples: filled, features });
  };
  try {
    for await (const piece of monoAt(sound)) {
      waiting.push(piece);
      samples += piece.length;
      await progress(Math.min(0.95, samples / (samples + 20 * SAMPLE_RATE_HZ)));
      const length = waiting.reduce((n, w) => n + w.length, kept.length);
      if (length < part) continue;
      await use(joined([kept, ...waiting]), false);
      waiting = [];
    }
    await use(joined([kept, ...waiting]), true);
  } finally {
    await sound.close();
    notes.other.push(...sound.warnings.map((warning) => (warning.startsWith('Its ') ? `${recording.name}: ${warning}` : warning)));
  }
  if (heard === 0) throw new AtelierError('bad-data', `${recording.path} ${samples === 0 ? 'has no samples' : 'is silent'}.`, 'Record it again, or leave it out.');
  if (sound.sampleRateHz < 16_000) notes.dull.push(`${recording.name} (${sound.sampleRateHz / 1000} kHz)`);
  if (clips.runs > 3 && clips.samples > 2e-4 * clips.of) notes.clipped.push(recording.name);
}

/** Speech of a part; of one that is not the last, the stretch at its end is left for the next. */
function stretches(all: Float32Array, last: boolean) {
  const { spans, floorDb, speechDb } = findSpeech(all, SAMPLE_RATE_HZ);
  if (last || spans.length === 0) return { spans, rest: all.length, floorDb, speechDb };
  if (spans.length === 1) return { spans, rest: spans[0].to, floorDb, speechDb };
  const open = spans.pop()!;
  return { spans, rest: open.from, floorDb, speechDb };
}

/** Runs of at least three samples at the top. */
function countClips(samples: Float32Array, clips: { runs: number; samples: number; of: number }): void {
  let run = 0;
  clips.of += samples.length;
  for (let i = 0; i <= samples.length; i++) {
    if (i < samples.length && Math.abs(samples[i]) >= 0.985) run++;
    else {
      if (run >= 3) {
        clips.runs++;
        clips.samples += run;
      }
      run = 0;
    }
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function warningsOf(source: AudioSource, speakers: readonly Speaker[], notes: Notes, skipped: readonly Skipped[]): string[] {
  const out = [...source.warnings, ...notes.other.slice(0, 20)];
  const some = (names: readonly string[]): string => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  const heard = speakers.filter((s) => s.utterances > 0);
  if (heard.length === 1) out.push(`There is one speaker only, "${heard[0].name}": a voice converter needs at least two. Put each speaker's recordings in a folder of their own.`);
  for (const s of speakers) {
    if (s.utterances === 0) out.push(`Nothing of "${s.name}" could be used.`);
    else if (s.durationSec < LITTLE_SEC) out.push(`"${s.name}" speaks for ${Math.round(s.durationSec)} s only. Ten minutes make a good voice, one a rough one.`);
    else if (s.medianF0Hz === 0) out.push(`"${s.name}" has no voiced sound: is it speech?`);
  }
  if (notes.clipped.length > 0) out.push(`${some(notes.clipped)} ${notes.clipped.length === 1 ? 'is' : 'are'} clipped: the loudest parts are cut off and will sound harsh. Record at a lower level.`);
  if (notes.noisy.length > 0) out.push(`${some(notes.noisy)} ${notes.noisy.length === 1 ? 'has' : 'have'} noise less than ${FEW_DB} dB under the speech, or no pause to tell by. The voice will have it too.`);
  if (notes.dull.length > 0) out.push(`${some(notes.dull)} ${notes.dull.length === 1 ? 'was' : 'were'} recorded for the telephone; the voice will sound as dull.`);
  if (notes.padded.length > 0) out.push(`${some(notes.padded)} ${notes.padded.length === 1 ? 'is' : 'are'} shorter than ${SHORTEST_SEC} s and ${notes.padded.length === 1 ? 'was' : 'were'} filled up with silence.`);
  const across = notes.twice.filter((t) => t.across);
  if (across.length > 0) out.push(`${across.length} recording${across.length === 1 ? ' is' : 's are'} there under two speakers (${across.slice(0, 2).map(({ a, b }) => `${a} and ${b}`).join('; ')}${across.length > 2 ? '; ...' : ''}): the voices will be mixed up. Remove the copies.`);
  const within = notes.twice.length - across.length;
  if (within > 0) out.push(`${within} recording${within === 1 ? ' is' : 's are'} there twice (${notes.twice.filter((t) => !t.across).slice(0, 2).map(({ a, b }) => `${a} and ${b}`).join('; ')}${within > 2 ? '; ...' : ''}).`);
  if (skipped.length > 0) out.push(`${skipped.length} file${skipped.length === 1 ? '' : 's'} could not be used and ${skipped.length === 1 ? 'was' : 'were'} left out.`);
  return out;
}
