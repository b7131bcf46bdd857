import { expect, test } from 'vitest';
import { FRAME_SAMPLES, hann, HOP_SAMPLES, LOG_MEL_FLOOR, MEL_BINS, melFilters, SAMPLE_RATE_HZ, SPECTRUM_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { analyse, energyDb, logMel, rangeAround, trackPitch } from './features.ts';
import { createFft, createRealFft } from './fft.ts';

/** A voice-like sound whose fundamental glides; harmonics fall off by 6 dB an octave. */
function glide(fromHz: number, toHz: number, seconds: number, harmonics: number) {
  const samples = new Float32Array(seconds * SAMPLE_RATE_HZ);
  const hz = new Float64Array(samples.length);
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    hz[i] = fromHz * (toHz / fromHz) ** (i / samples.length);
    phase += (2 * Math.PI * hz[i]) / SAMPLE_RATE_HZ;
    for (let h = 1; h <= harmonics && h * hz[i] < SAMPLE_RATE_HZ / 2; h++) samples[i] += (0.3 / h) * Math.sin(h * phase + h);
  }
  return { samples, hz };
}

test('transforms against the definition, and back', () => {
  const draw = rng(1, 'fft');
  const x = Float64Array.from({ length: 16 }, () => draw.normal());
  const re = new Float64Array(9), im = new Float64Array(9);
  createRealFft(16).forward(x, re, im);
  const re2 = Float64Array.from(x), im2 = new Float64Array(16);
  createFft(16).forward(re2, im2);
  for (let k = 0; k <= 8; k++) {
    let a = 0, b = 0;
    x.forEach((v, n) => {
      a += v * Math.cos((2 * Math.PI * k * n) / 16);
      b -= v * Math.sin((2 * Math.PI * k * n) / 16);
    });
    expect(re[k]).toBeCloseTo(a, 12);
    expect(im[k]).toBeCloseTo(b, 12);
    expect(re2[k]).toBeCloseTo(a, 12);
    expect(im2[k]).toBeCloseTo(b, 12);
  }
  const back = new Float64Array(16);
  createRealFft(16).inverse(re, im, back);
  back.forEach((v, i) => expect(v).toBeCloseTo(x[i], 12));
});

test('mel filters have unit area over Hz and peak where the scale says', () => {
  const filters = melFilters();
  const binHz = SAMPLE_RATE_HZ / FRAME_SAMPLES;
  for (const m of [40, 60, 78]) {
    const column = Array.from({ length: SPECTRUM_BINS }, (_, f) => filters[f * MEL_BINS + m]);
    expect(column.reduce((a, b) => a + b, 0) * binHz).toBeCloseTo(1, 1);
  }
  // 0 to 11,025 Hz is 50.4 of Slaney's mels in 81 steps; below 1 kHz one is 66.67 Hz. Filter 9's peak is the tenth step.
  const peak = 9;
  const column = Array.from({ length: SPECTRUM_BINS }, (_, f) => filters[f * MEL_BINS + peak]);
  expect(column.indexOf(Math.max(...column)) * binHz).toBeCloseTo(10 * 41.5, -1.6);
});

test('a sine has the mel magnitude of its window, silence the floor', () => {
  const samples = Float32Array.from({ length: 20 * HOP_SAMPLES }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / SAMPLE_RATE_HZ));
  const mel = logMel(samples);
  // Direct transform of frame 10, independent of the fast one.
  const window = hann(FRAME_SAMPLES), filters = melFilters();
  const from = 10 * HOP_SAMPLES + (HOP_SAMPLES - FRAME_SAMPLES) / 2;
  const wanted = new Float64Array(MEL_BINS);
  for (let f = 0; f < SPECTRUM_BINS; f++) {
    let a = 0, b = 0;
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      a += window[n] * samples[from + n] * Math.cos((2 * Math.PI * f * n) / FRAME_SAMPLES);
      b += window[n] * samples[from + n] * Math.sin((2 * Math.PI * f * n) / FRAME_SAMPLES);
    }
    for (let m = 0; m < MEL_BINS; m++) wanted[m] += Math.hypot(a, b) * filters[f * MEL_BINS + m];
  }
  wanted.forEach((v, m) => expect(mel[10 * MEL_BINS + m]).toBeCloseTo(Math.max(LOG_MEL_FLOOR, Math.log(v)), 3));
  expect(logMel(new Float32Array(300))).toEqual(new Float32Array(2 * MEL_BINS).fill(LOG_MEL_FLOOR));
  expect(energyDb(samples)[10]).toBeCloseTo(20 * Math.log10(0.5 / Math.SQRT2), 1);
});

test.each([
  [80, 400, 20],
  [200, 800, 10],
  [60, 120, 30],
  [100, 300, 1],
])('a glide from %i to %i Hz with %i harmonics: within 3 cents, no octave error', (fromHz, toHz, harmonics) => {
  const { samples, hz } = glide(fromHz, toHz, 4, harmonics);
  const { f0Hz, voicing } = trackPitch(samples);
  let squares = 0, count = 0;
  for (let t = 3; t < f0Hz.length - 3; t++) {
    const cents = 1200 * Math.log2(f0Hz[t] / hz[Math.round((t + 0.5) * HOP_SAMPLES)]);
    expect(Math.abs(cents)).toBeLessThan(50);
    expect(voicing[t]).toBeGreaterThan(0.9);
    squares += cents * cents;
    count++;
  }
  expect(Math.sqrt(squares / count)).toBeLessThan(3);
});

test('a missing fundamental and noise of 10 dB below leave the octave alone', () => {
  const draw = rng(5, 'noise');
  const n = 2 * SAMPLE_RATE_HZ;
  const samples = Float32Array.from({ length: n }, (_, i) => [2, 3, 4, 5].reduce((sum, h) => sum + 0.1 * Math.sin((2 * Math.PI * 130 * h * i) / SAMPLE_RATE_HZ), 0.045 * draw.normal()));
  const { f0Hz } = trackPitch(samples);
  const inner = [...f0Hz.subarray(3, -3)];
  expect(inner.filter((f) => Math.abs(1200 * Math.log2(f / 130)) < 30).length / inner.length).toBeGreaterThan(0.99);
});

test('hiss that rings is not the pitch of a low voice', () => {
  const voice = glide(80, 100, 4, 20).samples;
  const draw = rng(3, 'hiss');
  const samples = voice.slice();
  // Six stretches of 100 ms of noise through a resonance at 700 Hz, 50 Hz wide, as in hisses of synthetic voices, with silence around them.
  const marks = [0.4, 1, 1.6, 2.2, 2.8, 3.4].map((second) => Math.round(second * SAMPLE_RATE_HZ));
  const radius = Math.exp((-Math.PI * 50) / SAMPLE_RATE_HZ);
  for (const from of marks) {
    let y1 = 0, y2 = 0;
    for (let i = -1200; i < 3500; i++) {
      const y = i >= 0 && i < 2200 ? 0.01 * draw.normal() + 2 * radius * Math.cos((2 * Math.PI * 700) / SAMPLE_RATE_HZ) * y1 - radius * radius * y2 : 0;
      samples[from + i] = y;
      [y1, y2] = [y, y1];
    }
  }
  const hisses = marks.map((from) => samples.slice(from, from + 2200));
  expect(hisses.some((hiss) => trackPitch(hiss).f0Hz.some((hz) => hz > 600))).toBe(true);
  const { f0Hz } = trackPitch(samples);
  expect(f0Hz.filter((hz) => hz > 200)).toHaveLength(0);
  expect(f0Hz.filter((hz) => hz > 75 && hz < 105).length).toBeGreaterThan(0.55 * f0Hz.length);
  // A range that is known serves where there is too little to tell it by.
  for (const hiss of hisses) expect(trackPitch(hiss, rangeAround(90)).f0Hz.some((hz) => hz > 200)).toBe(false);
});

test('noise, silence and very little are unvoiced', () => {
  const draw = rng(2, 'noise');
  const noise = Float32Array.from({ length: 2 * SAMPLE_RATE_HZ }, () => 0.2 * draw.normal());
  const { f0Hz } = trackPitch(noise);
  expect(f0Hz.filter((f) => f > 0).length / f0Hz.length).toBeLessThan(0.02);
  expect(trackPitch(new Float32Array(5000)).f0Hz.every((f) => f === 0)).toBe(true);
  expect(analyse(new Float32Array(0)).frames).toBe(0);
  expect(analyse(new Float32Array(1)).frames).toBe(1);
});
