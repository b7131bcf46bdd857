import { mkdtempSync, readdirSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyse } from '../audio/features.ts';
import { HOP_SAMPLES, LOG_MEL_FLOOR, MEL_BINS, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { openAudioSet } from './audio-set.ts';
import { writeAudioSet } from './write-audio-set.ts';

const folder = (): string => join(mkdtempSync(join(tmpdir(), 'audio-set-')), 'set');
const tone = (hz: number, frames: number): Float32Array => Float32Array.from({ length: frames * HOP_SAMPLES - 5 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE_HZ));
const about = { name: 'two', source: 'here', speakers: ['low', 'high'], seed: 3, skipped: { total: 0, files: [] }, warnings: () => ['mind this'] };

async function write(path: string) {
  const writer = await writeAudioSet(path);
  for (let i = 0; i < 12; i++) {
    const samples = tone(i % 2 ? 220 : 110, 20 + i);
    await writer.add({ name: `u${i}`, speaker: i % 2, samples, features: analyse(samples), text: i === 4 ? 'hello' : '' });
  }
  await writer.finish(about);
}

test('what was written is read back, from memory and from disk alike', async () => {
  const path = folder();
  await write(path);
  for (const options of [{}, { inMemoryBytes: 0 }]) {
    const set = await openAudioSet(path, options);
    expect(set.utterances.length).toBe(12);
    expect(set.utterances[4]).toMatchObject({ name: 'u4', speaker: 0, frames: 24, text: 'hello' });
    expect(set.warnings).toEqual(['mind this']);
    expect(set.speakers.map((s) => Math.round(s.medianF0Hz))).toEqual([110, 220]);
    const given = tone(220, 23);
    const wanted = analyse(given);
    const got = await set.readFeatures(3, 5, 4);
    expect(got.frames).toBe(4);
    for (let i = 0; i < 4 * MEL_BINS; i++) expect(Math.abs(got.logMel[i] - wanted.logMel[5 * MEL_BINS + i])).toBeLessThan(0.005);
    expect([...got.f0Hz]).toEqual([...wanted.f0Hz.subarray(5, 9)]);
    expect([...got.energyDb]).toEqual([...wanted.energyDb.subarray(5, 9)]);
    const samples = await set.readSamples(3, 5, 4);
    expect(samples.length).toBe(4 * HOP_SAMPLES);
    for (let i = 0; i < samples.length; i++) expect(Math.abs(samples[i] - given[5 * HOP_SAMPLES + i])).toBeLessThanOrEqual(0.5 / 32768 + 1e-9);
    await set.close();
  }
});

test('beyond its end an utterance is silence', async () => {
  const path = folder();
  await write(path);
  const set = await openAudioSet(path);
  const got = await set.readFeatures(0, 18, 6);
  expect([...got.logMel.subarray(2 * MEL_BINS)].every((v) => v === Math.fround(LOG_MEL_FLOOR))).toBe(true);
  expect(got.f0Hz[5]).toBe(0);
  expect((await set.readSamples(0, 20, 3)).every((v) => v === 0)).toBe(true);
  await expect(set.readFeatures(12)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(set.readFeatures(0, 21)).rejects.toMatchObject({ code: 'bad-input' });
  await set.close();
});

test('every speaker has something to train on and nothing is in two splits', async () => {
  const path = folder();
  await write(path);
  const { split, utterances, close } = await openAudioSet(path);
  expect([...split.train, ...split.validation, ...split.test].sort((a, b) => a - b)).toEqual(utterances.map((_, i) => i));
  expect(new Set([...split.train].map((i) => utterances[i].speaker))).toEqual(new Set([0, 1]));
  await close();
});

test('a cut off file and an abandoned folder', async () => {
  const path = folder();
  await write(path);
  truncateSync(join(path, 'mel.bin'), 1000);
  await expect(openAudioSet(path)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('mel.bin has 1000 bytes') });
  const other = folder();
  const writer = await writeAudioSet(other);
  await writer.abandon();
  expect(readdirSync(join(other, '..'))).toEqual([]);
  const empty = await writeAudioSet(other);
  await expect(empty.finish(about)).rejects.toMatchObject({ code: 'bad-data' });
});
