import type { ErrorValue } from '../../../electron/contract/index.ts';
import { encodeWav } from './wav.ts';

/** What the engine works at; more would only be thrown away there. */
const SAMPLE_RATE_HZ = 22_050;
/** All of a decoded file stands in memory: about an hour at usual rates. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Whether only the window can read a sound: AAC in MP4 (M4A) or bare, by its first bytes.
 * @param head at least the first twelve bytes
 */
export function isWindowOnly(head: Uint8Array, name: string): boolean {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (text.slice(4, 8) === 'ftyp') return /^(M4A|M4B|mp42|mp41|isom|iso|dash)/.test(text.slice(8)) || /\.(m4a|m4b|aac)$/i.test(name);
  // ADTS: twelve ones, and a layer of zero, where MPEG audio has another.
  return head[0] === 0xff && (head[1] & 0xf6) === 0xf0;
}

/**
 * Decodes with the window's own decoders.
 * @returns a WAV file of 16 bits, mono, at the engine's rate
 * @throws ErrorValue-shaped 'bad-data' | 'too-large'
 */
export async function decodeHere(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > MOST_BYTES) {
    throw { code: 'too-large', message: `"${file.name}" is too large to be decoded in the window (${Math.round(file.size / 2 ** 20)} MiB).`, remedy: 'Save it as FLAC or MP3, which are read piece by piece.' } satisfies ErrorValue;
  }
  let decoded: AudioBuffer;
  try {
    decoded = await new OfflineAudioContext(1, 1, SAMPLE_RATE_HZ).decodeAudioData(await file.arrayBuffer());
  } catch {
    throw { code: 'bad-data', message: `"${file.name}" cannot be decoded: it is damaged, has no sound, or is of a kind that this window does not read.`, remedy: 'Save it as WAV, FLAC or MP3.' } satisfies ErrorValue;
  }
  const mono = decoded.getChannelData(0).slice();
  for (let c = 1; c < decoded.numberOfChannels; c++) {
    const channel = decoded.getChannelData(c);
    for (let i = 0; i < mono.length; i++) mono[i] += channel[i];
  }
  for (let i = 0; i < mono.length; i++) mono[i] /= decoded.numberOfChannels;
  return encodeWav(mono, SAMPLE_RATE_HZ);
}
