import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { analyse } from '../../audio/features.ts';
import { encodeWav } from '../../audio/wav.ts';
import { HOP_SAMPLES, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { silent } from '../../core/log.ts';
import { rng } from '../../core/rng.ts';
import { openAudioSet } from '../../data/audio-set.ts';
import { writeAudioSet } from '../../data/write-audio-set.ts';
import { moveToBin, restoreFromBin } from '../../store/bin.ts';
import { openDevice, type Device } from '../../device/index.ts';
import { vocoder, type Vocoder } from '../../models/vocoder.ts';
import { VOCODER_MARGIN } from '../../models/vocoder-windows.ts';
import { readBundle, writeBundle } from '../../training/voice-bundle.ts';
import { createVoiceRun, trainVoices } from '../../training/voice-run.ts';
import type { TaskContext } from '../worker-messages.ts';
import { speakCodes } from './code-sound.ts';
import { convertFile } from './convert-file.ts';
import { convertBatch, convertTake } from './convert-task.ts';
import { evaluateVoices } from './evaluate-voices.ts';
import { liveVoices } from './live-task.ts';
import { packVoices } from './pack-voices.ts';
import { exportVoices } from './export-voices.ts';
import { openVoices, voicesInfo, type OpenVoices } from './open-voices.ts';
import { listTakes, loadTake, settingsOf } from './take.ts';
import { voiceMap } from './voice-map.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

let folder: string;
let device: Device;
let voices: OpenVoices;
let model: string;
const context: TaskContext = { log: silent, signal: new AbortController().signal, onPause: () => {}, progress: () => {}, event: () => {}, frame: () => {} };
const settings = (change: object = {}) => settingsOf({ voice: 'low', pitchSemitones: null, formantSemitones: 0, strength: 1, ...change });

/** A buzz with a melody. */
const buzz = (hz: number, seconds: number, seed = 1): Float32Array => {
  const draw = rng(seed, 'buzz');
  let phase = 0;
  return Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE_HZ) }, (_, n) => {
    phase += (hz * (1 + 0.1 * Math.sin(n / 5000))) / SAMPLE_RATE_HZ;
    let v = 0.002 * draw.normal();
    for (let h = 1; h < 12; h++) v += (0.15 / h) * Math.sin(2 * Math.PI * h * phase);
    return v;
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voices-'));
  const writer = await writeAudioSet(join(folder, 'set'));
  for (const [speaker, hz] of [[0, 110], [1, 220]]) {
    for (let i = 0; i < 8; i++) {
      const samples = buzz(hz, 1.3, i);
      await writer.add({ name: `${speaker}/${i}`, speaker, text: `sentence ${i}`, group: `sentence ${i}`, samples, features: analyse(samples) });
    }
  }
  await writer.finish({ name: 'two', source: folder, speakers: ['low', 'high'], seed: 0, skipped: { total: 0, files: [] }, warnings: () => [] });
  const set = await openAudioSet(join(folder, 'set'));
  device = await openDevice('cpu', { threads: 1 });
  const run = await createVoiceRun({ config: { hidden: 8, encoderLayers: 1, decoderLayers: 1, codes: 16, codeSize: 4, speakerSize: 4 }, training: { steps: 6, batchSize: 2 } }, set, 'cpu', join(folder, 'run'));
  await trainVoices({ run, set, device, log: silent });
  await set.close();
  // A vocoder that has learned nothing will do.
  model = join(folder, 'run');
  const path = join(model, 'voices.safetensors');
  const bundle = await readBundle(path);
  const config = vocoder.parse(vocoder.tiny);
  const speaking = vocoder.build(config, { height: 8 + VOCODER_MARGIN, width: HOP_SAMPLES, channels: 1, classes: 1 }) as Vocoder;
  for (const p of speaking.params) if (speaking.speaking.includes(p.name)) bundle.weights[`vocoder/${p.name}`] = { shape: p.shape, values: p.init(rng(1, p.name)) };
  bundle.about.vocoder = config;
  await writeBundle(path, bundle);
  voices = await openVoices(model, device);
  await writeFile(join(folder, 'source.wav'), encodeWav(buzz(220, 1.5), SAMPLE_RATE_HZ));
});

afterAll(async () => {
  voices?.dispose();
  device?.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('a trained run knows its voices, its codes and their use', async () => {
  const info = voicesInfo(model, voices.bundle);
  expect(info.voices.map(({ name }) => name)).toEqual(['low', 'high']);
  expect(info.voices[0].medianF0Hz).toBeGreaterThan(100);
  expect(info.voices[0].medianF0Hz).toBeLessThan(120);
  expect(info).toMatchObject({ codes: 16, levels: 1, step: 6 });
  expect(voices.bundle.about.codeUsage.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  const map = voiceMap(voices);
  expect(map.codes.positions.length).toBe(16 * 3);
  expect(map.voices.positions.length).toBe(2 * 3);
});

test('a file is converted to its own length, with codes and scores', async () => {
  const found = await convertFile(voices, join(folder, 'source.wav'), settings());
  expect(found.samples.length).toBe(Math.round(1.5 * SAMPLE_RATE_HZ));
  expect(found.codes.length).toBe(Math.ceil(Math.ceil(found.samples.length / HOP_SAMPLES) / 2));
  expect(found.samples.every(Number.isFinite)).toBe(true);
  expect(Math.abs(found.scores.targetSimilarity)).toBeLessThanOrEqual(1.0001);
  expect(['low', 'high']).toContain(found.scores.recognisedAs);
  const other = await convertFile(voices, join(folder, 'source.wav'), settings({ voice: undefined, reference: join(folder, 'source.wav'), formantSemitones: 3, strength: 0.5 }));
  expect(other.samples.length).toBe(found.samples.length);
});

test('silence, 50 ms and opposite phases go through; an empty file and no voice are refused', async () => {
  const put = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const silence = await convertFile(voices, await put('silence.wav', encodeWav(new Float32Array(SAMPLE_RATE_HZ), SAMPLE_RATE_HZ)), settings());
  expect(silence.samples.length).toBe(SAMPLE_RATE_HZ);
  expect(silence.scores.f0Correlation).toBeNull();
  const short = await convertFile(voices, await put('short.wav', encodeWav(buzz(200, 0.05), SAMPLE_RATE_HZ)), settings());
  expect(short.samples.length).toBe(Math.round(0.05 * SAMPLE_RATE_HZ));
  const telephone = await convertFile(voices, await put('telephone.wav', encodeWav(buzz(200, 1).subarray(0, 8000), 8000)), settings());
  expect(telephone.samples.length).toBe(SAMPLE_RATE_HZ);
  await expect(convertFile(voices, await put('empty.wav', encodeWav(new Float32Array(0), SAMPLE_RATE_HZ)), settings())).rejects.toMatchObject({ code: 'bad-data' });
  await expect(convertFile(voices, join(folder, 'source.wav'), settings({ voice: 'nobody' }))).rejects.toMatchObject({ code: 'not-found', remedy: 'Its voices: low, high.' });
  await expect(convertFile(voices, join(folder, 'source.wav'), settings({ voice: undefined }))).rejects.toMatchObject({ code: 'bad-input' });
});

test('a take is kept with its sound, codes and scores', async () => {
  const takes = join(folder, 'takes');
  const info = await convertTake({ model, source: join(folder, 'source.wav'), settings: settings(), folder: takes }, context);
  expect(info).toMatchObject({ sourceName: 'source.wav', settings: { voice: 'low' }, durationSec: 1.5 });
  const take = await loadTake(info.take);
  expect(take.codes.values.length).toBeGreaterThan(60);
  expect(take.clip.durationSec).toBeCloseTo(1.5, 2);
  expect((await listTakes(takes)).map((t) => t.take)).toEqual([info.take]);
  expect(await listTakes(takes, 'another')).toEqual([]);
  await expect(loadTake(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' });
  await moveToBin(folder, info.take);
  expect(await listTakes(takes)).toEqual([]);
  await restoreFromBin(folder, info.take);
  expect(await listTakes(takes)).toEqual([info]);
});

test('a batch converts what it can and tells what it cannot', async () => {
  await writeFile(join(folder, 'broken.wav'), 'RIFFnothing');
  const found = await convertBatch({ model, paths: [join(folder, 'source.wav'), join(folder, 'broken.wav')], out: join(folder, 'out'), format: 'wav', settings: settings() }, context);
  expect(found.items.map(({ error }) => error === null)).toEqual([true, false]);
  expect((await readFile(join(folder, 'out', 'source.wav'))).subarray(0, 4).toString()).toBe('RIFF');
  expect(JSON.parse(await readFile(join(folder, 'out', 'takes.json'), 'utf8')).items).toHaveLength(2);
});

test('evaluation gives its figures, and they stay with the voices', async () => {
  const found = await evaluateVoices({ model, set: join(folder, 'set'), limit: 2 }, context);
  for (const name of ['targetAnswered', 'sourceAnswered', 'naturalAccuracy', 'probeOnMels', 'probeOnCodes', 'timesRealtime', 'streamLatencyMs', 'mcdConvertedDb']) expect(Number.isFinite(found.figures[name]), name).toBe(true);
  expect(found.figures.probeChance).toBe(0.5);
  expect((await readBundle(join(model, 'voices.safetensors'))).about.figures).toEqual(found.figures);
});

test('exported files run alone and agree; codes can be read aloud', async () => {
  const found = await exportVoices({ model, out: join(folder, 'onnx'), frames: 32 }, context);
  expect(found.files).toEqual(['encoder.onnx', 'decoder.onnx', 'listener.onnx', 'manifest.json']);
  expect(found.maxDifference).toBeLessThan(1e-3);
  const sound = await speakCodes(voices, new Int32Array(20).fill(3), 1);
  expect(sound.length).toBe(40 * HOP_SAMPLES);
});

test('codes and voices are points of one map, apart from one another, and every one can be heard', async () => {
  const { VoiceCache } = await import('./voice-cache.ts');
  const { openVoicePoints } = await import('../points/voice-points.ts');
  const cache = new VoiceCache();
  try {
    const points = await openVoicePoints(model, cache);
    const { values, n, d } = points.vectors;
    expect([n, d]).toEqual([16 + 2, 3]);
    expect(points.columns.find(({ name }) => name === 'name')!.values.slice(15)).toEqual(['Code 15', 'low', 'high']);
    // The second axis parts them: codes lie within the unit sphere, voices above it.
    for (let i = 0; i < n; i++) expect(values[3 * i + 1] > 1.05).toBe(i >= 16);
    const use = points.columns.find(({ name }) => name === 'use')!.values as Float32Array;
    expect(use.slice(0, 16).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    const code = (await points.sound(3))!;
    expect(code.name).toBe('Code 3 as low, high');
    expect(String.fromCharCode(...code.bytes.subarray(0, 4))).toBe('RIFF');
    // Two voices of 0.4 s with a pause after each, within a frame of each.
    expect((code.bytes.length - 44) / 2 / SAMPLE_RATE_HZ).toBeCloseTo(2 * (0.4 + 0.12), 1);
  } finally {
    await cache.close();
  }
});

test('live: a recording comes out in its own length and place, with the delay that was measured', async () => {
  const out = join(folder, 'live.wav');
  const found = await liveVoices({ model, source: join(folder, 'source.wav'), out, format: 'wav', settings: settings() }, context);
  expect(found.delayMs).toBeLessThan(240);
  expect(found.latencyMs).toBeGreaterThan(found.delayMs);
  expect(found.chunks).toBe(Math.ceil(1.5 * SAMPLE_RATE_HZ / 2560) + 2);
  expect((await convertFile(voices, out, settings())).durationSec).toBeCloseTo(1.5, 3);
  await expect(liveVoices({ model, source: join(folder, 'source.wav'), out, format: 'wav', settings: settings({ voice: 'nobody' }) }, context)).rejects.toMatchObject({ code: 'not-found' });
});

test('a bundle of some voices says what it said before; unknown ones are refused', async () => {
  const out = join(folder, 'high.safetensors');
  const packed = await packVoices({ model, out, voices: ['high'], small: true }, context);
  expect(packed).toMatchObject({ voices: ['high'], vocoder: true });
  const some = await openVoices(out, device);
  expect([...some.model.voice(0)]).toEqual([...voices.model.voice(1)]);
  expect(some.model.likeness(await some.model.recognise(buzz(220, 1)))[0]).toBeCloseTo(voices.model.likeness(await voices.model.recognise(buzz(220, 1)))[1], 1);
  some.dispose();
  await expect(packVoices({ model, out, voices: ['nobody'] }, context)).rejects.toMatchObject({ code: 'not-found' });
  await expect(packVoices({ model, out, voices: [] }, context)).rejects.toMatchObject({ code: 'bad-input' });
});
