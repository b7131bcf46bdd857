import { expect, test } from 'vitest';
import { MEL_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { speakerProbe } from './speaker-probe.ts';
import { codeAgreement, f0Correlation, medianF0, melCepstralDistortionDb } from './voice.ts';

test('the distortion of a spectrum that differs by one cosine is that of its coefficient, by hand', () => {
  const frames = 5;
  const a = new Float32Array(frames * MEL_BINS).fill(-4);
  // log S gains 2 c cos(pi (m + 1/2) / M), which is a cepstral coefficient of c.
  const c = 0.1;
  const b = a.map((v, i) => v + 2 * c * Math.cos((Math.PI * ((i % MEL_BINS) + 0.5)) / MEL_BINS));
  expect(melCepstralDistortionDb(a, b)).toBeCloseTo((10 / Math.LN10) * Math.sqrt(2) * c, 3);
  // Level alone does not count, nor does the pace.
  expect(melCepstralDistortionDb(a, a.map((v) => v + 1))).toBeCloseTo(0, 5);
  const rising = Float32Array.from({ length: 8 * MEL_BINS }, (_, i) => Math.sin((Math.floor(i / MEL_BINS) * (i % MEL_BINS)) / 40));
  const slow = Float32Array.from({ length: 16 * MEL_BINS }, (_, i) => rising[Math.floor(i / MEL_BINS / 2) * MEL_BINS + (i % MEL_BINS)]);
  expect(melCepstralDistortionDb(rising, slow)).toBeCloseTo(0, 5);
});

test('F0: correlation over frames voiced in both, a shift of an octave makes none', () => {
  const a = Float32Array.from({ length: 40 }, (_, t) => (t % 4 === 0 ? 0 : 100 + t));
  expect(f0Correlation(a, a.map((hz) => hz * 2))).toBeCloseTo(1, 5);
  expect(f0Correlation(a, a.map((hz) => (hz ? 10_000 / hz : 0)))).toBeCloseTo(-1, 5);
  expect(f0Correlation(a, new Float32Array(40))).toBeNull();
  expect(medianF0([0, 100, 300, 0, 200])).toBe(200);
  expect(medianF0([0, 0])).toBe(0);
});

test('codes agree beside their place, by hand', () => {
  expect(codeAgreement(Int32Array.of(1, 2, 3, 4), Int32Array.of(1, 3, 9, 9), 1)).toBe(0.5);
  expect(codeAgreement(Int32Array.of(1, 7, 2, 7), Int32Array.of(1, 0, 2, 0), 2)).toBe(1);
  expect(codeAgreement(new Int32Array(0), new Int32Array(0), 1)).toBe(0);
});

test('the probe finds a speaker that is there and none that is not', () => {
  const draw = rng(1, 'rows');
  const items = (shift: number) => [0, 1].flatMap((label) => [0, 1, 2].map(() => ({ label, rows: Float32Array.from({ length: 200 * 4 }, (_, i) => draw.normal() + (i % 4 === 0 ? label * shift : 0)) })));
  expect(speakerProbe(items(6), items(6), 4, 2, 0)).toBeGreaterThan(0.97);
  const nothing = speakerProbe(items(0), items(0), 4, 2, 0);
  expect(nothing).toBeGreaterThan(0.4);
  expect(nothing).toBeLessThan(0.6);
});
