import { AtelierError } from '../core/errors.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { usedWeights } from './codec.ts';
import type { Trained } from './types.ts';

export interface Codebook {
  /** [A * K, D]: the vectors of each level after those of the level before. */
  vectors: Float32Array;
  k: number;
  d: number;
  levels: number;
  /** How often each code was used lately. [A * K] */
  use: Float32Array;
}

/** The learned vectors of a run's codebook. @throws AtelierError 'bad-input' where there are none */
export async function codebookOf(run: RunFolder, trained: Trained): Promise<Codebook> {
  const { weights, prefix } = usedWeights(trained.model, await run.loadCheckpoint(trained.step));
  const names = trained.model.params.map((p) => p.name).filter((name) => /(^|\/)codebook$/.test(name));
  if (names.length === 0) throw new AtelierError('bad-input', `${trained.info.name} has no learned codebook.`, 'Open a VQ-VAE whose quantizer is a codebook.');
  const books = names.map((name) => weights[prefix + name]);
  const [k, d] = books[0].shape;
  const vectors = new Float32Array(books.length * k * d);
  books.forEach(({ values }, level) => vectors.set(values as Float32Array, level * k * d));
  const use = new Float32Array(books.length * k);
  trained.model.codeCounts?.slice(0, books.length).forEach((name, level) => use.set((weights[prefix + name]?.values as Float32Array) ?? [], level * k));
  return { vectors, k, d, levels: books.length, use };
}
