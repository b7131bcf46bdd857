import { resolve } from 'node:path';
import type { Handlers } from '../../../electron/contract/index.ts';
import type { Core } from '../core.ts';
import { looking } from '../looking.ts';
import { inWorker } from '../workers.ts';

type Compress = Pick<Handlers, 'runs.compress' | 'runs.decompress' | 'runs.rateDistortion'>;

/** Pictures as files of codes, each call in a thread of its own. */
export function compressHandlers(core: Core): Compress {
  return {
    'runs.compress': ({ run, paths, out, grids }, signal) => inWorker(core.workers, 'compress', { run: resolve(run), paths: paths.map((path) => resolve(path)), out: resolve(out), grids }, signal),
    'runs.decompress': ({ run, file, out }, signal) => inWorker(core.workers, 'decompress', { run: resolve(run), file: resolve(file), out: resolve(out) }, signal),
    'runs.rateDistortion': ({ run, also, split, limit }, signal) => looking(core, 'rate', run, 'rateDistortion', { run: resolve(run), also: also.map((path) => resolve(path)), split, limit }, signal),
  };
}
