/**
 * Draws grids of codes from a prior, cell after cell, keeping the activations of rows and cells that are done (Ramachandran et al. 2017),
 * so that a cell costs one small step instead of a pass over the whole grid.
 */
import { sizeOf } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import type { Device, HostArray, Program, State, TensorSpec, Tensors } from '../device/types.ts';
import type { CodePrior } from './define.ts';
import { checkDraw, drawCode, type DrawOptions } from './draw.ts';

export interface SampleCodesOptions extends Partial<DrawOptions> {
  /** Class of each grid, -1 for none, `[count]`; unset: none. */
  labels?: ArrayLike<number>;
  /**
   * Classifier-free guidance (Ho and Salimans 2022): log-odds without the class plus so many times what the class changes. 1 is off,
   * above 1 exaggerates the class. Only for priors that are told classes.
   */
  guidance?: number;
  /** Which stream of random numbers each grid draws from, `[count]`; unset: each its own. */
  streams?: ArrayLike<number>;
  /** What is to be kept: codes, `[h * w]` for all grids or `[count, h * w]`, and where new ones are drawn, `[h * w]`, 1 for new. */
  given?: { codes: ArrayLike<number>; mask: ArrayLike<number> };
  /** Cells done and cells in all. */
  onProgress?: (done: number, of: number) => void;
}

export interface PriorSampler {
  /** Replaces the weights, as when the prior has been trained on. */
  load(weights: Record<string, HostArray>): Promise<void>;
  /**
   * What cell i of a grid becomes follows from the seed, its stream and i alone, whatever the batch.
   * @returns `[count, h * w]`
   * @throws AtelierError 'bad-input' for a temperature, mask or labels that cannot be
   */
  sample(count: number, seed: number, options?: SampleCodesOptions): Promise<Int32Array>;
  dispose(): void;
}

const LARGEST_BATCH = 32;

/** The uniform numbers by which cell after cell of a grid is drawn. */
export const cellNoise = (seed: number, stream: number) => rng(seed, 'cells', stream);

/** @param weights values of the prior's parameters, by name */
export function priorSampler(device: Device, prior: CodePrior, weights: Record<string, HostArray>): PriorSampler {
  const { height, width, codes: k, alphabets } = prior.grid;
  const cells = height * width;
  const machines = new Map<number, Promise<Machine>>();
  let current = weights;
  const machineFor = (batch: number) => {
    let machine = machines.get(batch);
    if (!machine) machines.set(batch, (machine = createMachine(device, prior, batch, current)));
    return machine;
  };

  return {
    async load(values) {
      current = values;
      for (const machine of machines.values()) await (await machine).state.write(prefixed(values, 'p/'));
    },
    async sample(count, seed, options = {}) {
      const { temperature = 1, topK, topP, guidance = 1, given, onProgress } = options;
      const draw: DrawOptions = { temperature, topK, topP };
      checkDraw(draw);
      checkGiven(prior, count, given);
      if (options.labels && options.labels.length !== count) throw new AtelierError('bad-input', `${options.labels.length} labels were given for ${count} grids.`, 'Give one label a grid.');
      const guided = guidance !== 1 && prior.usesLabels === true && options.labels !== undefined;
      if (guidance !== 1 && !guided) throw new AtelierError('bad-input', 'Guidance needs a class to be guided by.', 'Name a class, or take guidance 1.');
      const out = new Int32Array(count * cells);
      const most = guided ? LARGEST_BATCH >> 1 : LARGEST_BATCH;
      const size = Math.min(count, most);
      const machine = await machineFor(guided ? 2 * size : size);
      for (let from = 0; from < count; from += size) {
        const n = Math.min(size, count - from);
        const grids = Array.from({ length: n }, (_, i) => {
          const item = from + i;
          const kept = given && Array.from({ length: cells }, (__, c) => given.codes[given.codes.length === cells ? c : item * cells + c]);
          return { item, noise: cellNoise(seed, options.streams?.[item] ?? item), codes: out.subarray(item * cells, (item + 1) * cells), kept };
        });
        const labels = new Int32Array(machine.batch).fill(-1);
        if (options.labels) for (let i = 0; i < n; i++) labels[i] = options.labels[from + i];
        await machine.reset();
        for (let y = 0; y < height; y++) {
          const above = new Int32Array(machine.batch * width);
          if (y > 0) grids.forEach(({ codes }, i) => {
            for (const copy of guided ? [i, size + i] : [i]) above.set(codes.subarray((y - 1) * width, y * width), copy * width);
          });
          await machine.row({ above, any: Float32Array.of(y > 0 ? 1 : 0), labels });
          const untouched = given && Array.from({ length: width }, (_, x) => given.mask[y * width + x]).every((m) => !m);
          for (let x = 0; x < width; x++) {
            const at = y * width + x;
            // Numbers are drawn for cells that are kept too, so that a cell's own does not hang on the mask.
            const u = grids.map(({ noise }) => noise.uniform());
            if (untouched) {
              grids.forEach(({ codes, kept }) => (codes[at] = kept![at]));
              continue;
            }
            const left = new Int32Array(machine.batch);
            if (x > 0) grids.forEach(({ codes }, i) => {
              for (const copy of guided ? [i, size + i] : [i]) left[copy] = codes[at - 1];
            });
            const logits = await machine.cell({ left, any: Float32Array.of(x > 0 ? 1 : 0), column: Int32Array.of(x), labels });
            const lowest = (x % alphabets) * (k / alphabets);
            grids.forEach(({ codes, kept }, i) => {
              if (given && !given.mask[at]) codes[at] = kept![at];
              else {
                const row = logits.subarray(i * k, (i + 1) * k);
                if (guided) for (let c = 0; c < k; c++) row[c] = logits[(size + i) * k + c] + guidance * (row[c] - logits[(size + i) * k + c]);
                codes[at] = drawCode(row, lowest, lowest + k / alphabets, u[i], draw);
              }
            });
          }
          onProgress?.(from * cells + n * (y + 1) * width, count * cells);
          await new Promise((resolve) => setImmediate(resolve)); // a run blocks its thread; let messages in
        }
      }
      return out;
    },
    dispose() {
      for (const machine of machines.values()) void machine.then((m) => m.dispose(), () => {});
      machines.clear();
    },
  };
}

/** The two graphs of a prior for one batch size, with weights and caches. */
interface Machine {
  readonly batch: number;
  readonly state: State;
  reset(): Promise<void>;
  row(inputs: Record<string, HostArray>): Promise<void>;
  /** @returns `[batch, K]`, valid until the next call */
  cell(inputs: Record<string, HostArray>): Promise<Float32Array>;
  dispose(): void;
}

async function createMachine(device: Device, prior: CodePrior, batch: number, weights: Record<string, HostArray>): Promise<Machine> {
  const { width } = prior.grid;
  const shapes = prior.caches(batch);
  const blank = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`c/${name}`, new Float32Array(sizeOf(shape))]));
  const state = device.createState({
    ...Object.fromEntries(prior.params.map(({ name, shape }) => [`p/${name}`, { shape, values: weights[name] }])),
    ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`c/${name}`, { shape, values: blank[`c/${name}`] }])),
  });
  const labels: Record<string, TensorSpec> = prior.usesLabels ? { labels: { shape: [batch], dtype: 'int32' } } : {};
  const scalar: TensorSpec = { shape: [], dtype: 'float32' };
  const programs: Program[] = [];
  try {
    programs.push(
      await device.compile('prior/row', ({ above, any, labels: l }, all) => ({ outputs: {}, state: prefixed(prior.row(under(all, 'p/'), under(all, 'c/'), { above, any, labels: l }), 'c/') }), {
        inputs: { above: { shape: [batch, width], dtype: 'int32' }, any: scalar, ...labels },
        state,
      }),
    );
    programs.push(
      await device.compile('prior/cell', ({ left, any, column, labels: l }, all) => {
        const { logits, caches } = prior.cell(under(all, 'p/'), under(all, 'c/'), { left, any, column, labels: l });
        return { outputs: { logits }, state: prefixed(caches, 'c/') };
      }, { inputs: { left: { shape: [batch], dtype: 'int32' }, any: scalar, column: { shape: [1], dtype: 'int32' }, ...labels }, state }),
    );
  } catch (error) {
    for (const program of programs) program.dispose();
    state.dispose();
    throw error;
  }
  const [row, cell] = programs;
  const only = (inputs: Record<string, HostArray>) => (prior.usesLabels ? inputs : Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'labels')));
  return {
    batch,
    state,
    reset: () => state.write(blank),
    row: async (inputs) => void (await row.run(only(inputs))),
    cell: async (inputs) => (await cell.run(only(inputs))).logits as Float32Array,
    dispose() {
      for (const program of programs) program.dispose();
      state.dispose();
    },
  };
}

function checkGiven({ grid }: CodePrior, count: number, given: SampleCodesOptions['given']): void {
  if (!given) return;
  const { height, width, codes: k, alphabets } = grid;
  const cells = height * width;
  if (given.mask.length !== cells) throw new AtelierError('bad-input', `The mask has ${given.mask.length} cells; the grid of codes has ${cells}, ${width} by ${height}.`, 'Give a mask of the size of the grid.');
  const { codes } = given;
  if (codes.length !== cells && codes.length !== count * cells) throw new AtelierError('bad-input', `${codes.length} codes were given to keep; the grid has ${cells}.`, 'Give the codes of one grid, or of each.');
  for (let i = 0; i < codes.length; i++) {
    const first = ((i % width) % alphabets) * (k / alphabets);
    if (!(codes[i] >= first && codes[i] < first + k / alphabets)) throw new AtelierError('bad-input', `${codes[i]} is no code of its place; those go from ${first} to ${first + k / alphabets - 1}.`, 'Take codes that the model gave.');
  }
}

const under = (all: Tensors, prefix: string): Tensors => Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(prefix)).map(([name, t]) => [name.slice(prefix.length), t]));
const prefixed = <T>(all: Record<string, T>, prefix: string): Record<string, T> => Object.fromEntries(Object.entries(all).map(([name, value]) => [prefix + name, value]));
