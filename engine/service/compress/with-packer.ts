import type { Logger } from '../../core/log.ts';
import { AtelierError } from '../../core/errors.ts';
import { openRun, type RunFolder } from '../../store/run-folder.ts';
import type { Trained, TrainedPrior } from '../../training/types.ts';

export interface PackerOf {
  folder: RunFolder;
  trained: Trained;
  prior: TrainedPrior;
}

/**
 * Opens the run of a prior to compress with: always on the CPU with one thread, so that both ways compute alike.
 * @throws AtelierError 'bad-input' for a run without a prior
 */
export async function withPacker<T>(run: string, log: Logger, work: (opened: PackerOf) => Promise<T>): Promise<T> {
  const [{ openDevice }, { openTrained }] = await Promise.all([import('../../device/index.ts'), import('../../training/index.ts')]);
  const folder = await openRun(run, { log });
  if (!folder.info.codec) throw new AtelierError('bad-input', `"${folder.info.name}" has no prior to compress by.`, 'Train one with: atelier train prior --codes-of <run>.');
  const device = await openDevice('cpu', { threads: 1 });
  try {
    const trained = await openTrained(folder, device);
    try {
      return await work({ folder, trained, prior: trained.prior! });
    } finally {
      trained.dispose();
    }
  } finally {
    device.dispose();
  }
}

/** Fills in the grids that were left out by what the prior finds likeliest, cell by cell. @param codes `[N, cells]` */
export async function completed({ prior }: PackerOf, codes: Int32Array, grids: number): Promise<Int32Array> {
  const { levels, cells } = prior.model;
  if (grids >= levels.length) return codes;
  const mask = new Uint8Array(cells);
  const filled = codes.slice();
  for (const { grid } of levels.slice(grids)) {
    mask.fill(1, grid.at, grid.at + grid.height * grid.width);
    for (let i = 0; i < codes.length; i += cells) {
      for (let c = 0; c < grid.height * grid.width; c++) filled[i + grid.at + c] = grid.first + ((c % grid.width) % grid.alphabets) * (grid.codes / grid.alphabets);
    }
  }
  const count = codes.length / cells;
  return prior.sample(count, { topK: 1, given: { codes: filled, mask }, labels: prior.conditional ? new Int32Array(count).fill(-1) : undefined });
}
