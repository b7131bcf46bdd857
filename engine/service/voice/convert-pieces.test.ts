import { expect, test } from 'vitest';
import { HOP_SAMPLES, MEL_BINS, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import type { VoiceModel } from '../../training/voice-model.ts';
import { convertPieces, createVoicing, wantedMedianHz, type SourceProfile, type Target } from './convert-pieces.ts';
import { clipOf } from './clip.ts';
import { createLive } from './live.ts';
import { soundFiles } from './sound-files.ts';

/** A model that says nothing of its own: what matters is what surrounds it. */
const model = {
  converter: { levels: 1 },
  encode: async (_mel: Float32Array, frames: number) => new Int32Array(Math.ceil(frames / 2)),
  decode: async (_codes: Int32Array, _prosody: Float32Array, frames: number) => new Float32Array(frames * MEL_BINS),
  colour: (mel: Float32Array) => mel,
} as unknown as VoiceModel;
const profile: SourceProfile = { gain: 2, medianF0Hz: 100, voice: Float32Array.of(0, 0) };
const target: Target = { voice: Float32Array.of(1, 1), medianF0Hz: 200, index: null, pitchSemitones: null, formantSemitones: 0, strength: 1 };
const level = async (_mel: Float32Array, frames: number) => new Float32Array(frames * HOP_SAMPLES).fill(0.5);

async function* pieces(total: number, size: number): AsyncGenerator<Float32Array> {
  for (let at = 0; at < total; at += size) yield new Float32Array(Math.min(size, total - at));
}

test('what goes out is as long as what came in, whatever the pieces, and without seams', async () => {
  for (const [total, size] of [[1000, 1000], [SAMPLE_RATE_HZ * 30, 10_000], [HOP_SAMPLES * 1088, 7777]]) {
    let count = 0;
    let codes = 0;
    for await (const piece of convertPieces(model, level, pieces(total, size), profile, target)) {
      count += piece.samples.length;
      codes += piece.codes.length;
      // The gain that the model was given its sound with is taken back.
      expect(piece.samples.every((v) => Math.abs(v - 0.25) < 1e-6)).toBe(true);
    }
    expect(count).toBe(total);
    expect(codes).toBe(Math.ceil(Math.ceil(total / HOP_SAMPLES) / 2));
  }
});

test('an abort ends it', async () => {
  const converted = convertPieces(model, level, pieces(SAMPLE_RATE_HZ * 30, 10_000), profile, target, { aborted: true });
  await expect(converted.next()).rejects.toMatchObject({ code: 'cancelled' });
});

test('pitch: to the median of the target, part of the way, by semitones, and not at all', () => {
  expect(wantedMedianHz(profile, target)).toBe(200);
  expect(wantedMedianHz(profile, { ...target, strength: 0.5 })).toBeCloseTo(Math.SQRT2 * 100, 6);
  expect(wantedMedianHz(profile, { ...target, pitchSemitones: -12 })).toBe(50);
  expect(wantedMedianHz({ ...profile, medianF0Hz: 0 }, target)).toBe(0);
  const voicing = createVoicing(model, profile, { ...target, strength: 0.5 });
  expect([...voicing.voice]).toEqual([0.5, 0.5]);
  const prosody = createVoicing(model, profile, target).prosody(Float32Array.of(100, 1, 0, 0, 150, 1, 0, 0));
  expect([...prosody]).toEqual([200, 1, expect.closeTo(0, 6), 0, 300, 1, expect.closeTo(Math.log(1.5), 6), 0]);
});

test('formants: an outline moves, a level stays', () => {
  const voicing = createVoicing(model, profile, { ...target, formantSemitones: 6 });
  const flat = new Float32Array(MEL_BINS).fill(-4);
  voicing.spectra(flat).forEach((v) => expect(v).toBeCloseTo(-4, 3));
  const hill = Float32Array.from({ length: MEL_BINS }, (_, m) => Math.exp(-(((m - 30) / 8) ** 2)));
  const moved = voicing.spectra(hill.slice());
  expect(moved.indexOf(Math.max(...moved))).toBeGreaterThan(32);
});

test('live: chunks go out as they are full, late by the delay it names', async () => {
  const live = createLive(model, level, profile, target);
  expect(live.delaySec).toBeLessThan(0.4);
  expect((await live.push(new Float32Array(1000))).length).toBe(0);
  const out = await live.push(new Float32Array(SAMPLE_RATE_HZ));
  expect(out.length).toBe(Math.floor((SAMPLE_RATE_HZ + 1000) / 2560) * 2560);
  expect(out.every((v) => Math.abs(v - 0.25) < 1e-6)).toBe(true);
});

test('peaks of a clip are its smallest and largest samples', () => {
  const clip = clipOf(Float32Array.from({ length: 128 }, (_, i) => (i === 10 ? 1 : i === 100 ? -0.5 : 0)));
  expect([...clip.peaks]).toEqual([0, 1, -0.5, 0]);
  expect(clip.durationSec).toBeCloseTo(128 / SAMPLE_RATE_HZ, 9);
  expect(new TextDecoder().decode(clip.bytes.subarray(0, 4))).toBe('RIFF');
});

test('a path that is not there is refused by name', async () => {
  await expect(soundFiles(['/nowhere/at-all'])).rejects.toMatchObject({ code: 'not-found' });
});
