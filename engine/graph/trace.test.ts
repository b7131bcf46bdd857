import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { trace } from './trace.ts';

const x = { shape: [2, 3], dtype: 'float32' as const };
const one = (body: (x: tf.Tensor) => tf.Tensor) => trace('f', (i) => ({ outputs: { y: body(i.x) } }), { x }, {});

test('an operation without a lowering is named, with what to do', () => {
  expect(() => one((t) => tf.unique(t, 0).values)).toThrow(/"Unique" cannot be part of a compiled graph/);
  expect(() => one((t) => tf.unique(t, 0).values)).toThrow(expect.objectContaining({ code: 'bad-input', remedy: expect.stringContaining('Unique') }));
});

test('the value of a traced tensor cannot be read', () => {
  expect(() => one((t) => tf.scalar(t.dataSync()[0]))).toThrow(/dataSync\(\)/);
});

test('constants can be read, and made elsewhere', () => {
  const elsewhere = tf.tensor1d([1, 2, 3]);
  expect(one((t) => tf.add(t, tf.add(tf.scalar(2).dataSync()[0], elsewhere))).nodes).toBeGreaterThan(0);
  expect(Array.from(elsewhere.dataSync())).toEqual([1, 2, 3]);
  elsewhere.dispose();
});

test('a failed trace leaves no tensors and the former backend', () => {
  const before = tf.memory().numTensors;
  const backend = tf.getBackend();
  expect(() => one((t) => tf.unique(tf.square(t), 0).values)).toThrow();
  expect(tf.memory().numTensors).toBe(before);
  expect(tf.getBackend()).toBe(backend);
});

test('equal work is done once and unused work not at all', () => {
  expect(one((t) => tf.add(tf.exp(t), tf.exp(t))).nodes).toBe(2);
  expect(trace('f', (i) => {
    tf.exp(i.x);
    return { outputs: { y: tf.neg(i.x) } };
  }, { x, unread: x }, {})).toMatchObject({ nodes: 1, inputs: new Map([['x', 'in/x']]) });
});

test('one value may be several outputs, an input, or a state that stays', () => {
  const t = trace('f', (i, s) => {
    const y = tf.exp(i.x);
    return { outputs: { a: y, b: y, c: i.x }, state: { kept: s.kept, moved: y } };
  }, { x }, { kept: x, moved: x });
  expect([...t.outputs.keys()]).toEqual(['a', 'b', 'c']);
  expect([...t.stateOut.keys()]).toEqual(['moved']);
});

test('a state tensor keeps its shape and its name', () => {
  expect(() => trace('train', (i) => ({ outputs: {}, state: { p: tf.sum(i.x) } }), { x }, { p: x })).toThrow(/updates "p" with float32 \[\]; the state has float32 \[2, 3\]/);
  expect(() => trace('train', (i) => ({ outputs: {}, state: { q: i.x } }), { x }, { p: x })).toThrow(/"q", which is not in its state/);
});
