import { expect, test } from 'vitest';
import { fft, outline, rowFrequencies, spectrogram, WINDOW } from './spectrogram.ts';
import { decodeWav, encodeWav } from './wav.ts';

const tone = (hz: number, rate: number, seconds: number, level = 0.5): Float32Array => Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / rate));

test('a WAV file comes back within half a step of 16 bits, and is cut at full scale', () => {
  const given = Float32Array.from([0, 0.5, -0.5, 1.7, -1.7, 0.001]);
  const bytes = encodeWav(given, 16_000);
  expect(bytes.length).toBe(44 + 12);
  const { samples, sampleRateHz } = decodeWav(bytes);
  expect(sampleRateHz).toBe(16_000);
  [0, 0.5, -0.5, 1, -1, 0.001].forEach((value, i) => expect(Math.abs(samples[i] - value)).toBeLessThan(1.01 / 32_768 + 1e-7));
});

test('channels are mixed, chunks before the sound are passed over, a cut file gives what is there', () => {
  const mono = encodeWav(Float32Array.from([0.25, 0.75]), 8000);
  const stereo = mono.slice();
  new DataView(stereo.buffer).setUint16(22, 2, true);
  expect(decodeWav(stereo).samples).toHaveLength(1);
  expect(decodeWav(stereo).samples[0]).toBeCloseTo(0.5, 3);
  const listed = new Uint8Array(mono.length + 12);
  listed.set(mono.subarray(0, 36));
  listed.set([76, 73, 83, 84, 3, 0, 0, 0, 1, 2, 3, 0], 36); // LIST of 3 bytes, padded to 4
  listed.set(mono.subarray(36), 48);
  expect([...decodeWav(listed).samples]).toEqual([...decodeWav(mono).samples]);
  expect(decodeWav(mono.subarray(0, mono.length - 1)).samples).toHaveLength(1);
  expect(() => decodeWav(new Uint8Array(60))).toThrow('no WAV file');
  expect(() => decodeWav(mono.subarray(0, 36))).toThrow('no sound');
});

test('the transform agrees with the sum it stands for', () => {
  const n = 16;
  const re = Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.7) + 0.2 * i);
  const im = Float32Array.from({ length: n }, (_, i) => Math.cos(i * 0.3));
  const wanted = Array.from({ length: n }, (_, k) => {
    let [x, y] = [0, 0];
    for (let t = 0; t < n; t++) {
      const angle = (-2 * Math.PI * k * t) / n;
      x += re[t] * Math.cos(angle) - im[t] * Math.sin(angle);
      y += re[t] * Math.sin(angle) + im[t] * Math.cos(angle);
    }
    return [x, y];
  });
  fft(re, im);
  wanted.forEach(([x, y], k) => {
    expect(re[k]).toBeCloseTo(x, 4);
    expect(im[k]).toBeCloseTo(y, 4);
  });
});

test('a tone is brightest in the row of its frequency, at its level, and silence is dark', () => {
  const rate = 16_000;
  const rows = 80;
  const sound = new Float32Array(rate);
  sound.set(tone(1000, rate, 0.5));
  const levels = spectrogram(sound, rate, { fromSec: 0, toSec: 1, columns: 20, rows });
  const column = (x: number): number[] => Array.from({ length: rows }, (_, row) => levels[row * 20 + x]);
  const loud = column(5);
  const best = loud.indexOf(Math.max(...loud));
  expect(Math.abs(rowFrequencies(rows, rate)[best] - 1000)).toBeLessThan(40);
  // Half of full scale is -6 dB, above the ceiling.
  expect(loud[best]).toBe(255);
  expect(Math.max(...column(16))).toBe(0);
  const quiet = spectrogram(tone(1000, rate, 1, 0.001), rate, { fromSec: 0, toSec: 1, columns: 4, rows });
  // -60 dB lies 32 of 70 dB above the floor; between two bins the window takes up to 1.4 dB.
  const top = quiet[best * 4 + 2];
  expect(top).toBeGreaterThan((255 * 30.4) / 70);
  expect(top).toBeLessThanOrEqual(Math.ceil((255 * 32) / 70));
});

test('a stretch is drawn as it stands in the whole', () => {
  const rate = 8000;
  const sound = Float32Array.from({ length: rate * 2 }, (_, i) => 0.3 * Math.sin((i * i) / 90_000));
  const whole = spectrogram(sound, rate, { fromSec: 0, toSec: 2, columns: 40, rows: 16 });
  const part = spectrogram(sound, rate, { fromSec: 0.5, toSec: 1, columns: 10, rows: 16 });
  for (let row = 0; row < 16; row++) for (let x = 0; x < 10; x++) expect(part[row * 10 + x]).toBe(whole[row * 40 + 10 + x]);
  expect(WINDOW).toBe(1024);
});

test('the outline holds every extreme', () => {
  const [high, low] = outline(Float32Array.from([0.1, 0.9, -0.2, 0, -0.7, 0.3]), 3);
  expect([...high].map((v) => Number(v.toFixed(2)))).toEqual([0.9, 0, 0.3]);
  expect([...low].map((v) => Number(v.toFixed(2)))).toEqual([0, -0.2, -0.7]);
  expect(outline(Float32Array.from([0.5]), 4)[0][0]).toBe(0.5);
});
