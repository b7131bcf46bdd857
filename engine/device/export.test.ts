import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { exportOnnx, loadOnnx, openDevice } from './index.ts';
import type { GraphFunction } from './index.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'atelier-export-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const random = (seed: number, n: number) => rng(seed).fillNormal(new Float32Array(n)).map((v) => v * 0.3);
const state = { w: { shape: [4, 4, 3, 6], values: random(1, 288) }, v: { shape: [4, 4, 3, 6], values: random(2, 288) }, b: { shape: [6], values: random(3, 6) } };
const inputs = { image: { shape: [2, 8, 8, 3], dtype: 'float32' as const } };
const autoencode: GraphFunction = ({ image }, s) => {
  const latent = tf.relu(tf.add(tf.conv2d(image as tf.Tensor4D, s.w as tf.Tensor4D, 2, 'same'), s.b)) as tf.Tensor4D;
  return { outputs: { latent, picture: tf.sigmoid(tf.conv2dTranspose(latent, s.v as tf.Tensor4D, [2, 8, 8, 3], 2, 'same')) } };
};

test('an exported file gives the same output as the program it came from', async () => {
  const path = join(folder, 'autoencoder.onnx');
  await writeFile(path, exportOnnx(autoencode, { inputs, state }, { name: 'autoencoder', kind: 'test' }));
  const file = await loadOnnx(path);
  expect(file.inputNames).toEqual(['image']);
  expect([...file.outputNames].sort()).toEqual(['latent', 'picture']);
  const image = random(7, 384);
  const alone = await file.run({ image: { shape: [2, 8, 8, 3], values: image } });
  const device = await openDevice('cpu');
  const program = await device.compile('autoencode', autoencode, { inputs, state: device.createState(state) });
  const here = await program.run({ image });
  expect(alone.picture.shape).toEqual([2, 8, 8, 3]);
  for (const name of ['latent', 'picture']) here[name].forEach((v, i) => expect(alone[name].values[i]).toBeCloseTo(v, 5));
  file.dispose();
});

test('an exported file has only standard operators and says where it comes from', () => {
  const text = new TextDecoder('latin1').decode(exportOnnx(autoencode, { inputs, state }, { kind: 'vae', step: '12' }));
  expect(text).not.toContain('com.microsoft');
  expect(text).toContain('latent-atelier');
  expect(text).toMatch(/kind.*vae.*step.*12/s);
});

test('a name cannot be input and output, and parameters must fit', () => {
  expect(() => exportOnnx(({ image }) => ({ outputs: { image } }), { inputs, state: {} })).toThrow(/both an input and an output/);
  expect(() => exportOnnx(autoencode, { inputs, state: { ...state, b: { shape: [6], values: new Float32Array(5) } } })).toThrow(/"b" wants float32 \[6\], 6 values; it got Float32Array with 5/);
});

test('what is not a model is refused by name', async () => {
  const path = join(folder, 'notes.onnx');
  await writeFile(path, 'no model');
  await expect(loadOnnx(path)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('notes.onnx') });
});
