/** WAV files of 16-bit PCM: what the engine hands out, and what a recording is handed over as. */

const HEADER_BYTES = 44;

/**
 * @param bytes a WAV file of 16-bit PCM with any number of channels, which are mixed
 * @returns samples in [-1, 1], `[samples]`
 * @throws Error when it is something else
 */
export function decodeWav(bytes: Uint8Array): { samples: Float32Array; sampleRateHz: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || word(0) !== 'RIFF' || word(8) !== 'WAVE') throw new Error('This is no WAV file.');
  let [channels, sampleRateHz, bits] = [0, 0, 0];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (word(at) === 'fmt ') [channels, sampleRateHz, bits] = [view.getUint16(start + 2, true), view.getUint32(start + 4, true), view.getUint16(start + 14, true)];
    if (word(at) === 'data') {
      if (bits !== 16 || channels < 1) throw new Error(`A WAV file of ${bits} bits was not expected.`);
      const count = Math.floor(Math.min(size, bytes.length - start) / (2 * channels));
      const samples = new Float32Array(count);
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += view.getInt16(start + 2 * (i * channels + c), true);
        samples[i] = sum / (32768 * channels);
      }
      return { samples, sampleRateHz };
    }
    at = start + size + (size % 2);
  }
  throw new Error('This WAV file has no sound in it.');
}

/** @param samples mono, in [-1, 1]; what lies beyond is cut @returns a WAV file of 16-bit PCM */
export function encodeWav(samples: Float32Array, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  word(8, 'WAVE');
  word(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++) view.setInt16(HEADER_BYTES + 2 * i, Math.round(Math.max(-1, Math.min(1, samples[i])) * 32767), true);
  return bytes;
}
