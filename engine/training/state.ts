import { rng } from '../core/rng.ts';
import { sizeOf, type Shape } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import type { SafeTensors } from '../core/safetensors.ts';
import type { HostArray } from '../device/types.ts';
import type { Trainable } from '../nn/trainable.ts';
import { PREFIX } from './step-graph.ts';

export type HostState = Record<string, { shape: Shape; values: Float32Array }>;

/** Parameters drawn from (seed, name), empty optimizer slots, and the average at the parameters. */
export function initialState(model: Pick<Trainable, 'params'>, seed: number, average: boolean): HostState {
  const state: HostState = {};
  for (const spec of model.params) {
    const { name, shape, trainable } = spec;
    const values = spec.init(rng(seed, 'init', name));
    state[PREFIX.params + name] = { shape, values };
    if (trainable) {
      state[PREFIX.m + name] = { shape, values: new Float32Array(sizeOf(shape)) };
      state[PREFIX.v + name] = { shape, values: new Float32Array(sizeOf(shape)) };
    }
    if (average) state[PREFIX.average + name] = { shape, values: values.slice() };
  }
  return state;
}

/** For the checkpoint file. @param values as a device's state gives them; copied, since it reuses its buffers */
export function toTensors(specs: Readonly<Record<string, { shape: Shape }>>, values: Record<string, HostArray>): SafeTensors {
  return Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, { shape, values: values[name].slice() }]));
}

/**
 * Takes the state out of a checkpoint.
 * @param wanted every tensor that must be there, with its shape
 * @throws AtelierError 'bad-data' naming the tensor that is missing or has another shape
 */
export function fromTensors(tensors: SafeTensors, wanted: Readonly<Record<string, { shape: Shape }>>, path: string): HostState {
  const state: HostState = {};
  for (const [name, { shape }] of Object.entries(wanted)) {
    const found = tensors[name];
    const bad = (why: string) => new AtelierError('bad-data', `${path}: tensor '${name}' ${why}.`, 'The checkpoint belongs to another model or version. Start a new run with these settings.');
    if (!found) throw bad('is missing');
    if (found.shape.join() !== shape.join()) throw bad(`has shape [${found.shape.join(', ')}] where [${shape.join(', ')}] is needed`);
    if (!(found.values instanceof Float32Array)) throw bad('does not hold 32-bit floats');
    state[name] = { shape, values: found.values };
  }
  return state;
}

/**
 * The state to train on with. A checkpoint that holds averaged weights alone, as those do that ship, goes on from them with empty slots.
 * @throws AtelierError 'bad-data' as `fromTensors`
 */
export function restoredState(model: Pick<Trainable, 'params'>, { seed, training }: { seed: number; training: { weightEma: number } }, tensors: SafeTensors, path: string): HostState {
  const first = initialState(model, seed, training.weightEma > 0);
  if (model.params.some(({ name }) => PREFIX.params + name in tensors)) return fromTensors(tensors, first, path);
  const averages = fromTensors(tensors, Object.fromEntries(model.params.map(({ name, shape }) => [PREFIX.average + name, { shape }])), path);
  for (const { name } of model.params) {
    const { values } = averages[PREFIX.average + name];
    first[PREFIX.params + name].values.set(values);
    first[PREFIX.average + name]?.values.set(values);
  }
  return first;
}
