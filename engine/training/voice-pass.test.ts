import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { MEL_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { openDevice } from '../device/index.ts';
import { voiceConverter } from '../models/voice-converter.ts';
import { FRAME_COLUMNS, PROSODY_COLUMNS } from '../models/voice-frames.ts';
import { readBundle, writeBundle, type Bundle } from './voice-bundle.ts';
import { voicePass, windowsOf } from './voice-pass.ts';

vi.setConfig({ testTimeout: 60_000 });

test('windows cover every frame once, begin at even frames and see their surroundings', () => {
  for (const frames of [1, 63, 64, 65, 511, 512, 513, 700, 927, 928, 929, 5001]) {
    const windows = windowsOf(frames);
    let at = 0;
    for (const { from, size, ownFrom, own } of windows) {
      expect(ownFrom).toBe(at);
      expect(ownFrom % 2).toBe(0);
      expect(from % 2).toBe(0);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(ownFrom + own).toBeLessThanOrEqual(from + size);
      if (ownFrom > 0) expect(ownFrom - from).toBeGreaterThanOrEqual(48);
      if (ownFrom + own < frames) expect(from + size - ownFrom - own).toBeGreaterThanOrEqual(48);
      at += own;
    }
    expect(at).toBe(frames);
  }
});

test('any number of frames goes through; a clip of one frame too', async () => {
  const model = voiceConverter.build(voiceConverter.parse(voiceConverter.tiny), { height: 8, width: FRAME_COLUMNS, channels: 1, classes: 2 });
  const device = await openDevice('cpu', { threads: 1 });
  const state = device.createState(Object.fromEntries(model.params.map((p) => [p.name, { shape: p.shape, values: p.init(rng(1, p.name)) }])));
  const pass = voicePass(device, model, state);
  const draw = rng(2, 'mel');
  for (const frames of [1, 65, 700]) {
    const mel = Float32Array.from({ length: frames * MEL_BINS }, () => draw.normal() - 5);
    const prosody = new Float32Array(frames * PROSODY_COLUMNS).fill(100);
    const codes = await pass.encode(mel, frames);
    expect(codes.length).toBe(Math.ceil(frames / 2));
    const spoken = await pass.decode(codes, prosody, frames, new Float32Array(4));
    expect(spoken.length).toBe(frames * MEL_BINS);
    expect(spoken.every(Number.isFinite)).toBe(true);
    expect((await pass.listen(mel, prosody, frames)).length).toBe(4);
  }
  pass.dispose();
  state.dispose();
  device.dispose();
});

test('a bundle comes back to half precision, or as octets where it is to be small; other files are refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'voices-'));
  try {
    const bundle: Bundle = {
      about: { name: 'two', converter: {}, recogniser: {}, speakers: [], windowFrames: 8, step: 3, codeUsage: [1], figures: { a: 1 } },
      weights: { 'converter/x': { shape: [2, 2], values: Float32Array.of(0.5, -1, 1 / 3, 100) }, scalar: { shape: [], values: Float32Array.of(2) } },
    };
    const path = join(folder, 'v.safetensors');
    await writeBundle(path, bundle);
    const back = await readBundle(path);
    expect(back.about).toEqual(bundle.about);
    expect(back.weights['converter/x'].shape).toEqual([2, 2]);
    expect([...back.weights['converter/x'].values]).toEqual([0.5, -1, expect.closeTo(1 / 3, 3), 100]);
    expect([...back.weights.scalar.values]).toEqual([2]);
    const wide = { shape: [64, 64], values: Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i)) };
    await writeBundle(path, { about: bundle.about, weights: { ...bundle.weights, wide } }, { small: true });
    const small = await readBundle(path);
    expect(small.weights.wide.shape).toEqual([64, 64]);
    small.weights.wide.values.forEach((v, i) => expect(Math.abs(v - Math.sin(i))).toBeLessThan(0.006));
    expect([...small.weights['converter/x'].values]).toEqual([...back.weights['converter/x'].values]);
    expect(Object.keys(small.weights).sort()).toEqual(['converter/x', 'scalar', 'wide']);
    await writeFile(path, 'no');
    await expect(readBundle(path)).rejects.toMatchObject({ code: 'bad-data' });
    await expect(readBundle(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
