import { resample } from '../../audio/resample.ts';
import { encodeWav } from '../../audio/wav.ts';
import { SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { AtelierError } from '../../core/errors.ts';
import type { SoundFormat } from './requests.ts';

/**
 * A whole sound file.
 * @param samples in [-1, 1] at `SAMPLE_RATE_HZ`
 * @throws AtelierError 'bad-input' for a rate that the format does not have
 */
export async function encodeSound(samples: Float32Array, sampleRateHz: number, format: SoundFormat): Promise<Uint8Array> {
  const at = sampleRateHz === SAMPLE_RATE_HZ ? samples : resample(samples, SAMPLE_RATE_HZ, sampleRateHz);
  if (format === 'wav') return encodeWav(at, sampleRateHz);
  throw new AtelierError('bad-input', `Sound is not written as ${format} yet.`, 'Choose wav.');
}
