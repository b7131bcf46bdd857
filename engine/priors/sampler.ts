/** Draws pictures' codes from a prior: the coarsest grid first, cell after cell, then each finer one given those. */
import { AtelierError } from '../core/errors.ts';
import { oneAtATime } from '../core/one-at-a-time.ts';
import { rng } from '../core/rng.ts';
import type { Device, HostArray } from '../device/types.ts';
import type { PriorLevel, PriorModel } from './define.ts';
import { checkDraw, drawCode, type DrawOptions } from './draw.ts';
import { levelParams } from './prior-model.ts';
import { createStepMachine, type StepMachine } from './step-machine.ts';

export interface SampleCodesOptions extends Partial<DrawOptions> {
  /** Class of each picture, -1 for none, `[count]`; unset: none. */
  labels?: ArrayLike<number>;
  /**
   * Classifier-free guidance (Ho and Salimans 2022): log-odds without the class plus so many times what the class changes. 1 is off,
   * above 1 exaggerates the class. Only for priors that are told classes.
   */
  guidance?: number;
  /** Which stream of random numbers each picture draws from, `[count]`; unset: each its own. */
  streams?: ArrayLike<number>;
  /** What is to be kept: codes, `[cells]` for all pictures or `[count, cells]`, and where new ones are drawn, `[cells]`, 1 for new. */
  given?: { codes: ArrayLike<number>; mask: ArrayLike<number> };
  /** Cells done and cells in all. */
  onProgress?: (done: number, of: number) => void;
}

export interface PriorSampler {
  /** Replaces the weights, as when the prior has been trained on. */
  load(weights: Record<string, HostArray>): Promise<void>;
  /**
   * What cell i of a picture becomes follows from the seed, its stream and i alone, whatever the batch.
   * @returns `[count, cells]`
   * @throws AtelierError 'bad-input' for a temperature, mask or labels that cannot be
   */
  sample(count: number, seed: number, options?: SampleCodesOptions): Promise<Int32Array>;
  dispose(): void;
}

const LARGEST_BATCH = 32;

/** The uniform numbers by which cell after cell of a grid is drawn. @param level 0 for the coarsest grid */
export const cellNoise = (seed: number, stream: number, level = 0) => (level === 0 ? rng(seed, 'cells', stream) : rng(seed, 'cells', stream, level));

/** @param weights values of the prior's parameters, by name */
export function priorSampler(device: Device, model: PriorModel, weights: Record<string, HostArray>): PriorSampler {
  const { levels, cells } = model;
  const machines = new Map<string, Promise<StepMachine>>();
  let current = weights;
  const machineFor = (level: PriorLevel, batch: number): Promise<StepMachine> => {
    const key = `${level.prefix} ${batch}`;
    let machine = machines.get(key);
    if (!machine) machines.set(key, (machine = createStepMachine(device, level.prior, batch, levelParams(level, current))));
    return machine;
  };

  // The caches of a machine belong to one series at a time.
  const turn = oneAtATime();
  return {
    async load(values) {
      current = values;
      for (const level of levels) {
        for (const [key, machine] of machines) if (key.startsWith(`${level.prefix} `)) await (await machine).load(levelParams(level, values));
      }
    },
    sample: (count, seed, options = {}) => turn(async () => {
      const { temperature = 1, topK, topP, guidance = 1, given, onProgress } = options;
      const draw: DrawOptions = { temperature, topK, topP };
      checkDraw(draw);
      checkGiven(model, count, given);
      if (options.labels && options.labels.length !== count) throw new AtelierError('bad-input', `${options.labels.length} labels were given for ${count} pictures.`, 'Give one label a picture.');
      const guided = guidance !== 1 && model.usesLabels === true && options.labels !== undefined;
      if (guidance !== 1 && !guided) throw new AtelierError('bad-input', 'Guidance needs a class to be guided by.', 'Name a class, or take guidance 1.');
      const out = new Int32Array(count * cells);
      const size = Math.min(count, guided ? LARGEST_BATCH >> 1 : LARGEST_BATCH);
      let done = 0;
      const told = (cellsDone: number) => onProgress?.((done += cellsDone), count * cells);
      for (let from = 0; from < count; from += size) {
        const n = Math.min(size, count - from);
        const labels = new Int32Array(guided ? 2 * size : size).fill(-1);
        if (options.labels) for (let i = 0; i < n; i++) labels[i] = options.labels[from + i];
        for (const [i, level] of levels.entries()) {
          const { at, first, height, width } = level.grid;
          const own = height * width;
          const pictures = Array.from({ length: n }, (_, p): Drawn => {
            const item = from + p;
            const start = item * cells + at;
            const kept = given && Array.from({ length: own }, (__, c) => given.codes[given.codes.length === cells ? at + c : start + c] - first);
            return { noise: cellNoise(seed, options.streams?.[item] ?? item, i), codes: out.subarray(start, start + own), kept };
          });
          const mask = given && Array.from({ length: own }, (_, c) => given.mask[at + c] === 1);
          if (mask?.every((fresh) => !fresh)) {
            for (const { codes, kept } of pictures) codes.set(kept!);
            told(n * own);
          } else {
            const machine = await machineFor(level, labels.length);
            const items = Array.from(labels, (_, copy) => from + Math.min(copy % size, n - 1));
            await machine.begin(levels.slice(0, i).map((above) => codesOfLevel(above, out, cells, items)), labels);
            await drawGrid(machine, level, pictures, { draw, guidance: guided ? { weight: guidance, offset: size } : undefined, mask }, () => told(n * width));
          }
          if (first > 0) for (const { codes } of pictures) for (let c = 0; c < own; c++) codes[c] += first;
        }
      }
      return out;
    }),
    dispose() {
      for (const machine of machines.values()) void machine.then((m) => m.dispose(), () => {});
      machines.clear();
    },
  };
}

/** The codes of one grid of some pictures, counted from 0, `[items, h * w]`. @param all `[N, cells]` */
export function codesOfLevel({ grid }: PriorLevel, all: ArrayLike<number>, cells: number, items: readonly number[]): Int32Array {
  const per = grid.height * grid.width;
  return Int32Array.from({ length: items.length * per }, (_, i) => all[items[Math.floor(i / per)] * cells + grid.at + (i % per)] - grid.first);
}

interface Drawn {
  noise: { uniform(): number };
  /** Filled in, counted from 0. */
  codes: Int32Array;
  kept?: number[];
}

/** Fills in one grid of each picture. */
async function drawGrid(
  machine: StepMachine,
  { prior }: PriorLevel,
  pictures: readonly Drawn[],
  { draw, guidance, mask }: { draw: DrawOptions; guidance?: { weight: number; offset: number }; mask?: boolean[] },
  onRow: () => void,
): Promise<void> {
  const { height, width, codes: k, alphabets } = prior.grid;
  const copies = (i: number) => (guidance ? [i, guidance.offset + i] : [i]);
  const above = new Int32Array(machine.batch * width);
  const left = new Int32Array(machine.batch);
  for (let y = 0; y < height; y++) {
    if (y > 0) pictures.forEach(({ codes }, i) => {
      for (const copy of copies(i)) above.set(codes.subarray((y - 1) * width, y * width), copy * width);
    });
    const untouched = mask && !mask.slice(y * width, (y + 1) * width).includes(true);
    // Below the last cell that is drawn nothing has to be remembered.
    const over = mask && !mask.includes(true, y * width);
    if (!over) await machine.row(y, above);
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      // Numbers are drawn for cells that are kept too, so that a cell's own does not hang on the mask.
      const u = pictures.map(({ noise }) => noise.uniform());
      if (over || (untouched && !prior.looksBack)) {
        for (const { codes, kept } of pictures) codes[at] = kept![at];
        continue;
      }
      if (x > 0) pictures.forEach(({ codes }, i) => {
        for (const copy of copies(i)) left[copy] = codes[at - 1];
      });
      const logits = await machine.cell(y, x, left);
      const lowest = (x % alphabets) * (k / alphabets);
      pictures.forEach(({ codes, kept }, i) => {
        if (mask && !mask[at]) {
          codes[at] = kept![at];
          return;
        }
        const row = logits.subarray(i * k, (i + 1) * k);
        if (guidance) for (let c = 0; c < k; c++) row[c] = logits[(guidance.offset + i) * k + c] + guidance.weight * (row[c] - logits[(guidance.offset + i) * k + c]);
        codes[at] = drawCode(row, lowest, lowest + k / alphabets, u[i], draw);
      });
    }
    onRow();
    await new Promise((resolve) => setImmediate(resolve)); // a run blocks its thread; let messages in
  }
}

function checkGiven({ levels, cells }: PriorModel, count: number, given: SampleCodesOptions['given']): void {
  if (!given) return;
  const { mask, codes } = given;
  const sizes = levels.map(({ grid }) => `${grid.width} by ${grid.height}`).join(' and ');
  if (mask.length !== cells) throw new AtelierError('bad-input', `The mask has ${mask.length} cells; ${levels.length > 1 ? `the grids of codes have ${cells} together` : `the grid of codes has ${cells}`}, ${sizes}.`, 'Give a mask of the size of the grid.');
  if (codes.length !== cells && codes.length !== count * cells) throw new AtelierError('bad-input', `${codes.length} codes were given to keep; a picture has ${cells}.`, 'Give the codes of one picture, or of each.');
  for (let item = 0; item < codes.length; item += cells) {
    for (const { grid } of levels) {
      const part = grid.codes / grid.alphabets;
      for (let c = 0; c < grid.height * grid.width; c++) {
        const code = codes[item + grid.at + c];
        const lowest = grid.first + ((c % grid.width) % grid.alphabets) * part;
        if (!(code >= lowest && code < lowest + part)) throw new AtelierError('bad-input', `${code} is no code of its place; those go from ${lowest} to ${lowest + part - 1}.`, 'Take codes that the model gave.');
      }
    }
  }
}
