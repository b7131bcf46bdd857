import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { MEL_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { eagerDevice, openDevice } from '../device/index.ts';
import type { Trainable } from '../nn/trainable.ts';
import { voiceConverter } from './voice-converter.ts';
import { drawOn, FRAME_COLUMNS, packFrames, PROSODY_COLUMNS, prosodyRows } from './voice-frames.ts';
import { voiceRecogniser } from './voice-recogniser.ts';
import { voiceFamilyOf } from './voices.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(async () => void (await tf.setBackend('cpu')));

const input = { height: 8, width: FRAME_COLUMNS, channels: 1, classes: 3 };
const converter = () => voiceConverter.build(voiceConverter.parse(voiceConverter.tiny), input);
const stateOf = (model: Trainable) => Object.fromEntries(model.params.map((p) => [p.name, { shape: p.shape, values: p.init(rng(3, p.name)) }]));
const frames = (count: number, seed = 5) => {
  const draw = rng(seed, 'frames');
  return Float32Array.from({ length: count * FRAME_COLUMNS }, (_, i) => {
    const c = i % FRAME_COLUMNS;
    return c < MEL_BINS ? draw.normal() - 5 : c === MEL_BINS ? 120 + 10 * draw.normal() : c === MEL_BINS + 1 ? 1 : 0.1 * draw.normal();
  });
};

test('F0 is drawn on through unvoiced stretches along straight lines of its logarithm', () => {
  expect([...drawOn([0, 100, 0, 400, 0], 150)]).toEqual([100, 100, expect.closeTo(200, 3), 400, expect.closeTo(400, 3)]);
  expect([...drawOn([0, 0], 150)]).toEqual([expect.closeTo(150, 3), expect.closeTo(150, 3)]);
});

test('rows hold spectrum, pitch, voicing, pitch against the median and level', () => {
  const features = { frames: 2, logMel: new Float32Array(2 * MEL_BINS).fill(-3), f0Hz: Float32Array.of(200, 0), voicing: Float32Array.of(1, 0), energyDb: Float32Array.of(-30, -50) };
  expect([...prosodyRows(features, 100)]).toEqual([200, 1, expect.closeTo(Math.LN2, 6), 0, expect.closeTo(200, 3), 0, expect.closeTo(Math.LN2, 6), -1]);
  const rows = packFrames(features, 100);
  expect(rows.length).toBe(2 * FRAME_COLUMNS);
  expect(rows[FRAME_COLUMNS]).toBe(-3);
  expect(rows[MEL_BINS]).toBe(200);
});

test('converter: shapes, a finite loss, and the compiled graph agrees with the eager one', async () => {
  const model = converter();
  expect(model.bitsPerSec).toBeCloseTo((22_050 / 256 / 2) * 3, 3);
  const state = stateOf(model);
  const images = frames(2 * 8);
  const speaker = Float32Array.from({ length: 4 }, (_, i) => 0.3 * i);
  const run = async (device: Awaited<ReturnType<typeof openDevice>>) => {
    const program = await device.compile('pass', (given, all) => {
      const rows = tf.reshape(given.images, [2, 8, FRAME_COLUMNS]);
      const mel = tf.slice(rows, [0, 0, 0], [2, 8, MEL_BINS]);
      const prosody = tf.slice(rows, [0, 0, MEL_BINS], [2, 8, PROSODY_COLUMNS]);
      const codes = model.encode(all, mel);
      const { loss } = model.loss(all, { images: given.images, labels: given.labels }, { floor: tf.fill([2, 1, 1], 0.5), axis: tf.tensor1d([0.1, 0.9]), jitter: tf.fill([2, 4, 1], 0.5) }, {});
      return { outputs: { codes, loss, mel: model.decode(all, codes, prosody, tf.tile(given.speaker, [2, 1])), voice: model.listen(all, mel, prosody) } };
    }, { inputs: { images: { shape: [2, 8, FRAME_COLUMNS, 1], dtype: 'float32' }, labels: { shape: [2], dtype: 'int32' }, speaker: { shape: [1, 4], dtype: 'float32' } }, state: device.createState(state) });
    const found = await program.run({ images, labels: Int32Array.of(0, 2), speaker });
    const copy = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values.slice()]));
    program.dispose();
    return copy;
  };
  const eager = await run(await eagerDevice());
  const compiled = await run(await openDevice('cpu', { threads: 1 }));
  expect(eager.codes.length).toBe(2 * 4);
  expect(eager.mel.length).toBe(2 * 8 * MEL_BINS);
  expect(eager.voice.length).toBe(2 * 4);
  expect(Number.isFinite(eager.loss[0])).toBe(true);
  expect([...compiled.codes]).toEqual([...eager.codes]);
  compiled.mel.forEach((v, i) => expect(v).toBeCloseTo(eager.mel[i], 3));
  expect(compiled.loss[0]).toBeCloseTo(eager.loss[0], 3);
});

test('what stays the same in a recording does not reach the codes: level, and the tilt of a microphone', () => {
  const model = converter();
  const params = Object.fromEntries(Object.entries(stateOf(model)).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
  const mel = tf.tensor3d(frames(8).filter((_, i) => i % FRAME_COLUMNS < MEL_BINS), [1, 8, MEL_BINS]);
  const tilt = tf.tensor3d(Float32Array.from({ length: MEL_BINS }, (_, m) => 1 + m / 40), [1, 1, MEL_BINS]);
  expect([...model.encode(params, tf.add(mel, tilt)).dataSync()]).toEqual([...model.encode(params, mel).dataSync()]);
});

test('what only some microphones hear does not reach the codes: noise of the room, and what lies above 8 kHz', () => {
  const model = converter();
  const params = Object.fromEntries(Object.entries(stateOf(model)).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
  // Speech and pauses in turn.
  const mel = frames(8).filter((_, i) => i % FRAME_COLUMNS < MEL_BINS).map((v, i) => (Math.floor(i / MEL_BINS) % 4 < 2 ? v : -11));
  const other = mel.map((v, i) => (i % MEL_BINS >= 74 ? -3 : Math.max(v, -9.5)));
  const codes = (rows: Float32Array) => [...model.encode(params, tf.tensor3d(rows, [1, 8, MEL_BINS])).dataSync()];
  expect(codes(other)).toEqual(codes(mel));
});

test('recogniser: vectors of length 1, and the margin makes the right voice harder', () => {
  const build = (margin: number) => voiceRecogniser.build(voiceRecogniser.parse({ ...voiceRecogniser.tiny, margin }), { height: 16, width: 40, channels: 1, classes: 2 });
  const model = build(0);
  const params = Object.fromEntries(Object.entries(stateOf(model)).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
  const draw = rng(1, 'bands');
  const images = tf.tensor4d(Float32Array.from({ length: 2 * 16 * 40 }, () => draw.normal()), [2, 16, 40, 1]);
  const vectors = model.embed(params, tf.reshape(images, [2, 16, 40]));
  for (const length of tf.sum(tf.square(vectors), 1).dataSync()) expect(length).toBeCloseTo(1, 3);
  const loss = (m: ReturnType<typeof build>) => m.loss(params, { images, labels: tf.tensor1d([0, 1], 'int32') }, { axis: tf.tensor1d([0.5, 0.5]) }, {}).loss.dataSync()[0];
  expect(loss(build(0.3))).toBeGreaterThan(loss(model));
});

test('settings and windows that do not fit are refused, families are found by name', () => {
  expect(() => voiceConverter.parse({ codes: 1 })).toThrow(/codes/);
  expect(() => voiceConverter.build(voiceConverter.parse({}), { ...input, height: 7 })).toThrow(/even/);
  expect(() => voiceConverter.build(voiceConverter.parse({}), { ...input, classes: 0 })).toThrow(/no speaker/);
  expect(voiceFamilyOf('voice-converter')?.title).toBe('Voice converter');
  expect(voiceFamilyOf('voice-recogniser')?.kind).toBe('voice-recogniser');
});
