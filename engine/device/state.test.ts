import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { eagerDevice, openDevice } from './index.ts';

const values = Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);
const start = () => ({ filter: { shape: [2, 3, 4, 5], values }, list: { shape: [3], values: Float32Array.of(1, 2, 3) }, counts: { shape: [2], dtype: 'int32' as const, values: Int32Array.of(7, 8) } });

describe.each([['compiled', () => openDevice('cpu')], ['eager', eagerDevice]] as const)('a state on a %s device', (_, open) => {
  test('is read as it was given and written, whatever its layout on the device', async () => {
    const state = (await open()).createState(start());
    expect(await state.read()).toEqual({ filter: values, list: Float32Array.of(1, 2, 3), counts: Int32Array.of(7, 8) });
    await state.write({ filter: values.map((v) => -v) });
    expect((await state.read(['filter'])).filter).toEqual(values.map((v) => -v));
  });

  test('is shared by programs, and keeps what a program leaves out', async () => {
    const device = await open();
    const state = device.createState(start());
    const grow = await device.compile('grow', (_i, s) => ({ outputs: {}, state: { list: tf.mul(s.list, 2), counts: tf.add(s.counts, tf.scalar(1, 'int32')) } }), { inputs: {}, state });
    const look = await device.compile('look', (_i, s) => ({ outputs: { total: tf.add(tf.sum(s.filter), tf.sum(s.list)) } }), { inputs: {}, state });
    for (let i = 0; i < 3; i++) await grow.run({});
    expect((await look.run({})).total[0]).toBe(7140 + 48);
    await state.write({ list: Float32Array.of(1, 0, 0) });
    expect((await look.run({})).total[0]).toBe(7141);
    await grow.run({});
    expect(await state.read()).toEqual({ filter: values, list: Float32Array.of(2, 0, 0), counts: Int32Array.of(11, 12) });
  });

  test('what was read does not change under the reader, nor what was given under the writer', async () => {
    const device = await open();
    const given = start();
    const state = device.createState(given);
    const before = await state.read();
    const grow = await device.compile('grow', (_i, s) => ({ outputs: {}, state: { list: tf.add(s.list, 1) } }), { inputs: {}, state });
    for (let i = 0; i < 2; i++) await grow.run({});
    expect(before.list).toEqual(Float32Array.of(1, 2, 3));
    expect(given.list.values).toEqual(Float32Array.of(1, 2, 3));
  });

  test('refuses unknown names and wrong lengths and types', async () => {
    const device = await open();
    const state = device.createState(start());
    await expect(state.write({ other: new Float32Array(1) })).rejects.toThrow(/no tensor named "other"/);
    await expect(state.write({ list: new Float32Array(4) })).rejects.toThrow(/wants float32 \[3\], 3 values/);
    await expect(state.write({ list: new Int32Array(3) })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(state.read(['other'])).rejects.toThrow(/"other"/);
    const program = await device.compile('f', ({ x }) => ({ outputs: { y: tf.neg(x) } }), { inputs: { x: { shape: [2], dtype: 'float32' } } });
    await expect(program.run({})).rejects.toThrow(/"x" is missing/);
    await expect(program.run({ x: new Float32Array(3) })).rejects.toThrow(/Running "f": "x" wants float32 \[2\]/);
  });
});

test('a state of another device is refused', async () => {
  const state = (await eagerDevice()).createState(start());
  const device = await openDevice('cpu');
  await expect(device.compile('f', () => ({ outputs: {} }), { inputs: {}, state })).rejects.toThrow(/belongs to another device/);
});

test('eager runs leave no tensors behind', async () => {
  const device = await eagerDevice();
  const before = tf.memory().numTensors;
  const state = device.createState(start());
  const program = await device.compile('f', ({ x }, s) => ({ outputs: { y: tf.mul(x, s.list) }, state: { list: tf.add(s.list, x) } }), { inputs: { x: { shape: [3], dtype: 'float32' } }, state });
  for (let i = 0; i < 3; i++) await program.run({ x: Float32Array.of(1, 1, 1) });
  expect(tf.memory().numTensors).toBe(before + 3);
  state.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
