import type { ForceTable } from './force-table.ts';

export interface UmapEpochArgs {
  from: number;
  to: number;
  /** Where everything was when the epoch began. [N, 3] */
  before: Float32Array;
  /** Where rows `from` to `to` are when it ends; written. [N, 3] */
  after: Float32Array;
  offsets: Int32Array;
  targets: Int32Array;
  /** Epochs between two samples of a bond; infinite for one that is never sampled. [bonds] */
  periods: Float32Array;
  /** The epoch at which a bond is due next; advanced. [bonds] */
  due: Float32Array;
  epoch: number;
  alpha: number;
  negatives: number;
  seed: number;
  table: ForceTable;
  /** Points that push rows away are drawn from the first so many. */
  pushers: number;
  /** How far a bond pulls its row, in moves: 2 where both ends' bonds are sampled and each moves both ends. */
  pull: number;
}

/**
 * One epoch of UMAP's sampled descent (section 4.2, as umap-learn schedules it: a bond of weight w is due every
 * max(w) / w epochs, and each time its row is pushed by `negatives` random points). Every row moves by itself, against where
 * the others were when the epoch began: so rows can be shared out to any number of threads and the outcome is the same.
 */
export function umapEpoch(args: UmapEpochArgs): void {
  const { before, after, offsets, targets, periods, due, epoch, alpha, negatives, pushers, pull } = args;
  const { attract, repel, shift, first, last } = args.table;
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  const step = pull * alpha, reach = 4 * pull * alpha, push = 4 * alpha;
  for (let i = args.from; i < args.to; i++) {
    let x = before[i * 3], y = before[i * 3 + 1], z = before[i * 3 + 2];
    let state = mix(args.seed, epoch, i);
    for (let e = offsets[i], end = offsets[i + 1]; e < end; e++) {
      if (due[e] > epoch) continue;
      due[e] += periods[e];
      let at = targets[e] * 3;
      let dx = x - before[at], dy = y - before[at + 1], dz = z - before[at + 2];
      float[0] = dx * dx + dy * dy + dz * dz;
      let slot = (bits[0] >> shift) - first;
      if (bits[0] !== 0) {
        const force = step * attract[slot < 0 ? 0 : slot > last ? last : slot];
        dx *= force; dy *= force; dz *= force;
        x += dx > reach ? reach : dx < -reach ? -reach : dx;
        y += dy > reach ? reach : dy < -reach ? -reach : dy;
        z += dz > reach ? reach : dz < -reach ? -reach : dz;
      }
      for (let s = 0; s < negatives; s++) {
        state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
        at = Math.floor((state >>> 0) * 2.3283064365386963e-10 * pushers) * 3;
        dx = x - before[at]; dy = y - before[at + 1]; dz = z - before[at + 2];
        float[0] = dx * dx + dy * dy + dz * dz;
        if (bits[0] === 0) continue;
        slot = (bits[0] >> shift) - first;
        const force = alpha * repel[slot < 0 ? 0 : slot > last ? last : slot];
        dx *= force; dy *= force; dz *= force;
        x += dx > push ? push : dx < -push ? -push : dx;
        y += dy > push ? push : dy < -push ? -push : dy;
        z += dz > push ? push : dz < -push ? -push : dz;
      }
    }
    after[i * 3] = x;
    after[i * 3 + 1] = y;
    after[i * 3 + 2] = z;
  }
}

/** A start for xorshift32 that differs for every row and epoch; never 0. */
function mix(seed: number, epoch: number, row: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(epoch + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ row, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13), 0x165667b1);
  h ^= h >>> 16;
  return h === 0 ? 1 : h;
}
