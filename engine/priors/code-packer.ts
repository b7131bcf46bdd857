/** Codes in as many bits as a prior finds them surprising, and back. */
import { crc32 } from 'node:zlib';
import { AtelierError } from '../core/errors.ts';
import type { Device, HostArray } from '../device/types.ts';
import type { PriorModel } from './define.ts';
import { levelParams } from './prior-model.ts';
import { rangeDecoder, rangeEncoder, sharesOf, TOTAL } from './range-coder.ts';
import { codesOfLevel } from './sampler.ts';
import { createStepMachine, type StepMachine } from './step-machine.ts';

export interface Packed {
  bytes: Uint8Array;
  /** What the prior itself says the codes of each picture take, in bits, `[N]`. */
  estimatedBits: Float64Array;
}

/**
 * Both ways walk the same cells with the same graphs, a group of pictures at a time, so that the probabilities are the same to the last
 * bit on one kind of processor; another may round differently, which the check value of each group brings to light.
 */
export interface CodePacker {
  /** @param codes `[N, cells]` @param grids how many grids, the coarsest first; unset: all */
  pack(codes: Int32Array, options?: PackOptions): Promise<Packed>;
  /** @param count N, of the same grids @returns `[N, cells]`; cells of grids that were left out are 0 @throws AtelierError 'bad-data' when a check value is wrong */
  unpack(bytes: Uint8Array, count: number, options?: PackOptions): Promise<Int32Array>;
  dispose(): void;
}

export interface PackOptions {
  grids?: number;
  onProgress?: (fraction: number) => void;
}

/** Pictures that go through the graphs together. */
const GROUP = 8;
/** Bits of a group's check value. */
const CHECK = 16;

/** @param weights values of the prior's parameters, by name */
export function codePacker(device: Device, model: PriorModel, weights: Record<string, HostArray>): CodePacker {
  const { levels, cells } = model;
  const machines = new Map<string, Promise<StepMachine>>();
  const machineFor = (level: PriorModel['levels'][number], batch: number): Promise<StepMachine> => {
    const key = `${level.prefix} ${batch}`;
    let machine = machines.get(key);
    if (!machine) machines.set(key, (machine = createStepMachine(device, level.prior, batch, levelParams(level, weights))));
    return machine;
  };

  /** Calls `code` for each cell of each picture, in the order they are written; it gives the code's place in its alphabet. */
  async function walk(codes: Int32Array, count: number, { grids = levels.length, onProgress }: PackOptions, code: (item: number, shares: Float64Array, k: number, known: number) => number, ended: (items: readonly number[]) => void): Promise<void> {
    const kept = levels.slice(0, grids);
    const rows = kept.reduce((sum, { grid }) => sum + grid.height, 0);
    let done = 0;
    for (let from = 0; from < count; from += GROUP) {
      const items = Array.from({ length: Math.min(GROUP, count - from) }, (_, i) => from + i);
      for (const [i, level] of kept.entries()) {
        const { height, width, first, at, alphabets, codes: k } = level.grid;
        const part = k / alphabets;
        const shares = new Float64Array(part + 1);
        const machine = await machineFor(level, items.length);
        await machine.begin(levels.slice(0, i).map((above) => codesOfLevel(above, codes, cells, items)), new Int32Array(items.length).fill(-1));
        const above = new Int32Array(items.length * width);
        const left = new Int32Array(items.length);
        for (let y = 0; y < height; y++) {
          await machine.row(y, above);
          for (let x = 0; x < width; x++) {
            const logits = await machine.cell(y, x, left);
            const lowest = (x % alphabets) * part;
            items.forEach((item, n) => {
              const place = item * cells + at + y * width + x;
              sharesOf(logits.subarray(n * k, (n + 1) * k), lowest, lowest + part, shares);
              const found = code(item, shares, part, codes[place] - first - lowest) + lowest;
              codes[place] = found + first;
              left[n] = found;
              above[n * width + x] = found;
            });
          }
          onProgress?.((done += items.length / rows) / count);
          await new Promise((resolve) => setImmediate(resolve)); // a run blocks its thread; let messages in
        }
      }
      ended(items);
    }
  }
  const checkOf = (codes: Int32Array, items: readonly number[]): number => {
    const own = codes.slice(items[0] * cells, (items[0] + items.length) * cells);
    return crc32(new Uint8Array(own.buffer)) & (2 ** CHECK - 1);
  };
  const blank = (codes: Int32Array, grids = levels.length): Int32Array => {
    const out = codes.slice();
    for (const { grid } of levels.slice(grids)) for (let i = 0; i < out.length; i += cells) out.fill(0, i + grid.at, i + grid.at + grid.height * grid.width);
    return out;
  };
  const unit = TOTAL / 2 ** CHECK;

  return {
    async pack(given, options = {}) {
      const codes = blank(given, options.grids);
      const count = codes.length / cells;
      const encoder = rangeEncoder();
      const estimatedBits = new Float64Array(count);
      await walk(codes, count, options, (item, shares, _, known) => {
        const size = shares[known + 1] - shares[known];
        encoder.encode(shares[known], size);
        estimatedBits[item] -= Math.log2(size / TOTAL);
        return known;
      }, (items) => encoder.encode(checkOf(codes, items) * unit, unit));
      return { bytes: encoder.finish(), estimatedBits };
    },
    async unpack(bytes, count, options = {}) {
      const codes = new Int32Array(count * cells);
      const decoder = rangeDecoder(bytes);
      await walk(codes, count, options, (_, shares, k) => {
        const at = decoder.peek();
        let [low, high] = [0, k - 1];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (shares[middle + 1] > at) high = middle;
          else low = middle + 1;
        }
        decoder.take(shares[low], shares[low + 1] - shares[low]);
        return low;
      }, (items) => {
        const check = Math.floor(decoder.peek() / unit);
        decoder.take(check * unit, unit);
        if (check !== checkOf(codes, items)) {
          throw new AtelierError('bad-data', `${items.length === 1 ? `Picture ${items[0] + 1}` : `Pictures ${items[0] + 1} to ${items[items.length - 1] + 1}`} of ${count} do${items.length === 1 ? 'es' : ''} not come back as written.`, 'The file is damaged, or was written on another kind of processor, whose arithmetic rounds differently: take it apart on the computer that wrote it.');
        }
      });
      return codes;
    },
    dispose() {
      for (const machine of machines.values()) void machine.then((m) => m.dispose(), () => {});
      machines.clear();
    },
  };
}
