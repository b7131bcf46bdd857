import '@tensorflow/tfjs';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { logMel } from '../audio/features.ts';
import { framesOf, HOP_SAMPLES, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import type { AudioSet, Utterance } from '../core/audio-set.ts';
import { openDevice } from '../device/index.ts';
import { openRun } from '../store/run-folder.ts';
import { createControl } from './types.ts';
import { readBundle } from './voice-bundle.ts';
import { vocoderPass } from './vocoder-pass.ts';
import { createVocoderRun, loadVocoder, trainVocoder } from './vocoder-run.ts';

vi.setConfig({ testTimeout: 240_000 });

const FRAMES = 60;
const soundOf = (hz: number): Float32Array => Float32Array.from({ length: FRAMES * HOP_SAMPLES }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE_HZ));

/** Two speakers who hum. */
function hums(): AudioSet {
  const sounds = [100, 120, 140, 200, 230, 260].map(soundOf);
  const mels = sounds.map(logMel);
  const utterances: Utterance[] = sounds.map((_, i) => ({ name: `hum ${i}`, speaker: i < 3 ? 0 : 1, split: i % 3 === 2 ? 'validation' : 'train', frames: FRAMES, text: '' }));
  const cut = <A extends Float32Array>(all: A, per: number, from = 0, frames = FRAMES - from) => all.slice(from * per, (from + frames) * per);
  return {
    ref: 'memory', name: 'hums', fingerprint: 'hums', warnings: [], utterances,
    speakers: ['low', 'high'].map((name) => ({ name, utterances: 3, durationSec: 2, medianF0Hz: 150, f0SpreadSemitones: 1 })),
    split: { train: Int32Array.of(0, 1, 3, 4), validation: Int32Array.of(2, 5), test: new Int32Array(0) },
    readFeatures: async (u, from = 0, frames = FRAMES - from) => ({ frames, logMel: cut(mels[u], 80, from, frames), f0Hz: new Float32Array(frames), voicing: new Float32Array(frames), energyDb: new Float32Array(frames) }),
    readSamples: async (u, from = 0, frames = FRAMES - from) => cut(sounds[u], HOP_SAMPLES, from, frames),
    close: async () => {},
  };
}

test('a run is paused, gone on with and finished; its bundle speaks, in pieces as in one', async () => {
  const set = hums();
  const device = await openDevice('cpu');
  const folder = join(mkdtempSync(join(tmpdir(), 'vocoder-')), 'run');
  const config = { width: 8, inner: 8, blocks: 1, criticChannels: 2, criticFrom: 0.5 };
  const run = await createVocoderRun({ config, training: { steps: 6, batchSize: 2, warmupSteps: 1, evaluateEvery: 3, checkpointEvery: 2 } }, set, 'cpu', folder);
  const control = createControl();
  const paused = await trainVocoder({ run, set, device, control, onProgress: ({ step }) => step >= 2 && control.pause() });
  expect(paused.status).toBe('paused');
  const again = await openRun(folder);
  const info = await trainVocoder({ run: again, set, device });
  expect(info.status).toBe('finished');
  expect(info.summary.melL1).toBeGreaterThan(0);
  expect(readdirSync(join(folder, 'previews', '00000006')).sort()).toEqual(['high.wav', 'low.wav']);

  const bundle = await readBundle(join(folder, 'voices.safetensors'));
  expect(bundle.about.vocoder).toMatchObject(config);
  expect(Object.keys(bundle.weights).every((name) => name.startsWith('vocoder/speak/'))).toBe(true);

  const { model, weights } = await loadVocoder(again);
  const state = device.createState(weights);
  const pass = vocoderPass(device, model, state);
  const long = soundOf(170);
  const frames = framesOf(long.length);
  const mel = logMel(long);
  const whole = await pass.speak(mel, frames);
  expect(whole.length).toBe(frames * HOP_SAMPLES);
  expect(whole.every(Number.isFinite)).toBe(true);
  // The middle depends only on what is near it.
  const middle = await pass.speak(mel.slice(20 * 80, 50 * 80), 30);
  for (let i = 12 * HOP_SAMPLES; i < 18 * HOP_SAMPLES; i += 7) expect(middle[i]).toBeCloseTo(whole[20 * HOP_SAMPLES + i], 4);
  pass.dispose();
  state.dispose();
  device.dispose();
});

test('a vocoder that draws sample by sample trains, is kept and speaks the same each time', async () => {
  const set = hums();
  const device = await openDevice('cpu', { threads: 1 });
  const folder = join(mkdtempSync(join(tmpdir(), 'wavenet-')), 'run');
  const run = await createVocoderRun({ preset: 'wavenet', config: { width: 8, inner: 8, blocks: 3 }, training: { steps: 3, batchSize: 1, warmupSteps: 1, weightEma: 0 } }, set, 'cpu', folder);
  const info = await trainVocoder({ run, set, device });
  expect(info.status).toBe('finished');
  // Nothing is known at first: 256 steps alike have ln 256 nats.
  expect(info.summary.sampleNats).toBeGreaterThan(2);
  expect(info.summary.sampleNats).toBeLessThan(7);
  const { model, weights } = await loadVocoder(await openRun(folder));
  const state = device.createState(weights);
  const pass = vocoderPass(device, model, state);
  const mel = logMel(soundOf(170)).subarray(0, 4 * 80);
  const sound = await pass.speak(mel, 4);
  expect(sound.length).toBe(4 * HOP_SAMPLES);
  expect(sound.every((v) => Math.abs(v) <= 1)).toBe(true);
  expect(await pass.speak(mel, 4)).toEqual(sound);
  pass.dispose();
  state.dispose();
  device.dispose();
});
