import { createHash } from 'node:crypto';
import { AtelierError } from '../core/errors.ts';
import type { LatentSpec, Model } from '../models/define.ts';
import { gridsOf } from '../models/grids.ts';
import { priorOf, type ListedGrid, type PriorModel } from '../priors/index.ts';
import type { Checkpoint } from '../store/checkpoints.ts';
import { fromTensors, type HostState } from './state.ts';
import { PREFIX } from './step-graph.ts';
import type { RunInfo } from './types.ts';

/** The weights that a checkpoint is used with: the averaged ones where it has them. @throws AtelierError 'bad-data' */
export function usedWeights(model: Model, { tensors, path }: Checkpoint): { prefix: string; weights: HostState } {
  const prefix = model.params.every((p) => PREFIX.average + p.name in tensors) ? PREFIX.average : PREFIX.params;
  return { prefix, weights: fromTensors(tensors, Object.fromEntries(model.params.map((p) => [prefix + p.name, { shape: p.shape }])), path) };
}

/** Changes when any weight does: codes of one set of weights mean nothing to another. */
export function fingerprintOf(weights: HostState, prefix: string): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(weights).sort()) {
    const { values } = weights[name];
    hash.update(name.slice(prefix.length)).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex').slice(0, 32);
}

/** @throws AtelierError 'bad-input' for a model without codes */
export function codesOf(model: { latent: LatentSpec }, name: string): Extract<LatentSpec, { kind: 'codes' }> {
  if (model.latent.kind === 'codes') return model.latent;
  throw new AtelierError('bad-input', `${name} has a continuous latent, no codes.`, 'A prior needs the codes of a VQ-VAE or a discrete VAE.');
}

/** The grids that a prior's run is over. */
function listedGrids(info: RunInfo): ListedGrid[] {
  return gridsOf(info.codec!).map(({ name, height, width, codes, alphabets, at, first }) => ({ name, height, width, codes, alphabets, at, first, classes: info.data.classes.length }));
}

/** @throws AtelierError 'not-found' | 'bad-input' */
export function priorModelOf(info: RunInfo): PriorModel {
  const family = priorOf(info.family);
  return family.build(family.parse(info.config), listedGrids(info));
}
