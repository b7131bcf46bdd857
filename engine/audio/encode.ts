/** Sound files out: WAV, FLAC, MP3. */
import { writeFileAtomic } from '../core/atomic-file.ts';
import { SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { AtelierError } from '../core/errors.ts';
import { encodeFlac } from './flac.ts';
import { resample } from './resample.ts';
import { encodeWav, type WavDepth } from './wav.ts';

export type SoundFormat = 'wav' | 'flac' | 'mp3';

export interface EncodeOptions {
  format: SoundFormat;
  /** Of the file; default: that of the samples. */
  sampleRateHz?: number;
  /** Of a WAV. Default int16. */
  depth?: WavDepth;
  /** Of a FLAC. Default 16. */
  bits?: 16 | 24;
  /** Of an MP3. Default 192. */
  kbps?: 96 | 128 | 160 | 192 | 256 | 320;
}

/** Rates that MPEG-1, 2 and 2.5 have. */
const MP3_RATES = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
/** MPEG-2 and 2.5, at rates under 32 kHz, go no higher. */
const MP3_LOW_KBPS = 160;
const MP3_PIECE = 1152 * 64;

/**
 * A whole sound file of one channel.
 * @param samples in [-1, 1]; what is beyond is cut
 * @param rateHz of the samples
 * @throws AtelierError 'bad-input' for a rate that the format does not have
 */
export async function encodeSound(samples: Float32Array, options: EncodeOptions, rateHz = SAMPLE_RATE_HZ): Promise<Uint8Array> {
  const { format, sampleRateHz = rateHz, depth = 'int16', bits = 16, kbps = 192 } = options;
  if (format === 'mp3' && !MP3_RATES.includes(sampleRateHz)) throw new AtelierError('bad-input', `MP3 has no rate of ${sampleRateHz} Hz.`, `Choose one of ${MP3_RATES.join(', ')} Hz.`);
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 8000 || sampleRateHz > 192_000) throw new AtelierError('bad-input', `A sample rate of ${sampleRateHz} Hz.`, 'Choose a whole number from 8000 to 192000.');
  const at = sampleRateHz === rateHz ? samples : resample(samples, rateHz, sampleRateHz);
  if (format === 'wav') return encodeWav(at, sampleRateHz, depth);
  if (format === 'flac') return encodeFlac(at, sampleRateHz, bits);
  return encodeMp3(at, sampleRateHz, sampleRateHz < 32_000 ? Math.min(kbps, MP3_LOW_KBPS) : kbps);
}

/** Writes it so that the old file, or the new one whole, is there at any instant. @throws AtelierError also 'disk-full' | 'no-permission' */
export async function writeSound(path: string, samples: Float32Array, options: EncodeOptions, rateHz = SAMPLE_RATE_HZ): Promise<void> {
  await writeFileAtomic(path, await encodeSound(samples, options, rateHz));
}

async function encodeMp3(samples: Float32Array, sampleRateHz: number, kbps: number): Promise<Uint8Array> {
  const { createMp3Encoder } = await import('wasm-media-encoders');
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: sampleRateHz as 44100, channels: 1, bitrate: kbps as 192 });
  const parts: Uint8Array[] = [];
  // The encoder lends its own memory: copy.
  for (let from = 0; from < samples.length; from += MP3_PIECE) parts.push(encoder.encode([samples.subarray(from, from + MP3_PIECE)]).slice());
  parts.push(encoder.finalize().slice());
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
