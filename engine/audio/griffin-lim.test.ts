import { expect, test } from 'vitest';
import { framesOf, HOP_SAMPLES, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { hopLineDb, logSpectralDistance } from './compare.ts';
import { logMel, trackPitch } from './features.ts';
import { griffinLim } from './griffin-lim.ts';

/** A voice-like tone with five harmonics and a little noise. */
const draw = rng(1, 'tone');
const tone = Float32Array.from({ length: 60 * HOP_SAMPLES }, (_, i) => [1, 2, 3, 4, 5].reduce((sum, h) => sum + (0.2 / h) * Math.sin((2 * Math.PI * 180 * h * i) / SAMPLE_RATE_HZ + h), 0.003 * draw.normal()));

test('a sound is no distance from itself, twice as loud 6 dB, and noise far', () => {
  expect(logSpectralDistance(tone, tone)).toBe(0);
  expect(logSpectralDistance(tone.map((x) => 2 * x), tone)).toBeGreaterThan(2);
  expect(logSpectralDistance(tone.map((x) => 2 * x), tone)).toBeLessThanOrEqual(6.03);
  expect(logSpectralDistance(rng(2, 'noise').fillNormal(new Float32Array(tone.length)), tone)).toBeGreaterThan(15);
});

test('a buzz at the frame rate is found at its level, and none where there is none', () => {
  const long = Float32Array.from({ length: 4 * SAMPLE_RATE_HZ }, (_, i) => 0.4 * Math.sin((2 * Math.PI * 1234 * i) / SAMPLE_RATE_HZ));
  const buzz = long.map((x, i) => x + 0.004 * Math.sin((2 * Math.PI * i) / HOP_SAMPLES));
  // The loudest component is read off the bins of single frames, up to 1.4 dB low.
  expect(hopLineDb(buzz, long)).toBeGreaterThan(-40.5);
  expect(hopLineDb(buzz, long)).toBeLessThan(-38);
  expect(hopLineDb(long, long)).toBeLessThan(-100);
  // A hum that was there before is nobody's fault, and a voice that passes by the frame rate is no line.
  expect(hopLineDb(buzz, buzz)).toBeLessThan(-100);
  const voice = Float32Array.from({ length: 4 * SAMPLE_RATE_HZ }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 86.13 * i) / SAMPLE_RATE_HZ + 30 * Math.sin((2 * Math.PI * 1.3 * i) / SAMPLE_RATE_HZ)));
  expect(hopLineDb(voice, long)).toBeLessThan(-50);
});

test('more steps come nearer, and the pitch is kept', () => {
  const frames = framesOf(tone.length);
  const mel = logMel(tone);
  const few = logSpectralDistance(griffinLim(mel, frames, { iterations: 1, momentum: 0 }), tone);
  const made = griffinLim(mel, frames, { iterations: 40 });
  expect(made.length).toBe(frames * HOP_SAMPLES);
  expect(logSpectralDistance(made, tone)).toBeLessThan(few);
  const voiced = [...trackPitch(made).f0Hz.subarray(10, -10)].filter((f) => f > 0);
  expect(voiced.length).toBeGreaterThan(30);
  expect(voiced.sort((a, b) => a - b)[voiced.length >> 1]).toBeGreaterThan(174);
  expect(voiced[voiced.length >> 1]).toBeLessThan(186);
});
