import { expect, test } from 'vitest';
import { constant, param } from '../nn/layer.ts';
import { initialState, restoredState, type HostState } from './state.ts';

const model = { params: [param('w', [2], constant(1)), param('count', [1], constant(3), { trainable: false })] };
const info = { seed: 0, training: { weightEma: 0.99 } };
const tensor = (...values: number[]) => ({ shape: [values.length], values: Float32Array.from(values) });

test('a checkpoint of averaged weights alone is gone on from with empty slots', () => {
  const state = restoredState(model, info, { 'e/w': tensor(5, 6), 'e/count': tensor(7) }, 'file');
  expect(Object.fromEntries(Object.entries(state).map(([name, { values }]) => [name, Array.from(values)]))).toEqual({ 'p/w': [5, 6], 'm/w': [0, 0], 'v/w': [0, 0], 'e/w': [5, 6], 'p/count': [7], 'e/count': [7] });
  expect(Object.keys(restoredState(model, { ...info, training: { weightEma: 0 } }, { 'e/w': tensor(5, 6), 'e/count': tensor(7) }, 'file'))).not.toContain('e/w');
});

test('a whole checkpoint comes back as it is, and one that lacks a tensor is refused', () => {
  const whole: HostState = { ...initialState(model, 0, true), 'm/w': tensor(1, 2) };
  expect(restoredState(model, info, whole, 'file')['m/w'].values).toEqual(Float32Array.of(1, 2));
  expect(() => restoredState(model, info, { 'e/w': tensor(5, 6) }, 'file')).toThrow(/'e\/count' is missing/);
  const { 'v/w': _slot, ...rest } = whole;
  expect(() => restoredState(model, info, rest, 'file')).toThrow(/'v\/w' is missing/);
});
