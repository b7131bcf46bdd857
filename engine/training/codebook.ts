import { AtelierError } from '../core/errors.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { usedWeights } from './codec.ts';
import type { Trained } from './types.ts';

export interface Codebook {
  /** [K, D]: the vectors of each level or grid after those of the one before. */
  vectors: Float32Array;
  d: number;
  /** Codes of each level or grid. */
  sizes: number[];
  /** How often each code was used lately. [K] */
  use: Float32Array;
}

/** The learned vectors of a run's codebook. @throws AtelierError 'bad-input' where there are none */
export async function codebookOf(run: RunFolder, trained: Trained): Promise<Codebook> {
  const { weights, prefix } = usedWeights(trained.model, await run.loadCheckpoint(trained.step));
  const books = trained.model.params.map((p) => p.name).filter((name) => /(^|\/)codebook$/.test(name)).map((name) => weights[prefix + name]);
  if (books.length === 0) throw new AtelierError('bad-input', `${trained.info.name} has no learned codebook.`, 'Open a VQ-VAE whose quantizer is a codebook.');
  const d = books[0].shape[1];
  if (books.some(({ shape }) => shape[1] !== d)) throw new AtelierError('bad-input', `The codebooks of ${trained.info.name} have vectors of different lengths.`, 'A map takes vectors of one length.');
  const sizes = books.map(({ shape }) => shape[0]);
  const total = sizes.reduce((a, b) => a + b, 0);
  const vectors = new Float32Array(total * d), use = new Float32Array(total);
  let from = 0;
  books.forEach(({ values }, level) => {
    vectors.set(values as Float32Array, from * d);
    const counted = trained.model.codeCounts?.[level];
    if (counted) use.set((weights[prefix + counted].values as Float32Array).subarray(0, sizes[level]), from);
    from += sizes[level];
  });
  return { vectors, d, sizes, use };
}
