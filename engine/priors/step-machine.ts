import { sizeOf } from '../core/axes.ts';
import type { Device, HostArray, Program, TensorSpec, Tensors } from '../device/types.ts';
import type { CodePrior } from './define.ts';

/**
 * The graphs of one grid's prior for one batch size, with weights and caches: cell after cell in reading order, keeping the activations of
 * rows and cells that are done (Ramachandran et al. 2017), so that a cell costs one small step instead of a pass over the whole grid.
 */
export interface StepMachine {
  readonly batch: number;
  /** Replaces the weights. */
  load(weights: Record<string, HostArray>): Promise<void>;
  /** Before the first row. @param coarser codes of each coarser grid, `[batch, h * w]`, counted from 0 @param labels `[batch]`, -1 for none */
  begin(coarser: readonly Int32Array[], labels: Int32Array): Promise<void>;
  /** Before each row. @param above codes of the row above, `[batch, w]`; anything for row 0 */
  row(y: number, above: Int32Array): Promise<void>;
  /** @param left codes of the cells before, `[batch]`; anything for column 0 @returns log-odds `[batch, K]`, valid until the next call */
  cell(y: number, x: number, left: Int32Array): Promise<Float32Array>;
  dispose(): void;
}

/** @param weights values of the prior's parameters, by name */
export async function createStepMachine(device: Device, prior: CodePrior, batch: number, weights: Record<string, HostArray>): Promise<StepMachine> {
  const { width, height } = prior.grid;
  const shapes = prior.caches(batch);
  const blank = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`c/${name}`, new Float32Array(sizeOf(shape))]));
  const state = device.createState({
    ...Object.fromEntries(prior.params.map(({ name, shape }) => [`p/${name}`, { shape, values: weights[name] }])),
    ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`c/${name}`, { shape, values: blank[`c/${name}`] }])),
  });
  const one: TensorSpec = { shape: [1], dtype: 'int32' };
  const scalar: TensorSpec = { shape: [], dtype: 'float32' };
  const labelled: Record<string, TensorSpec> = prior.usesLabels ? { labels: { shape: [batch], dtype: 'int32' } } : {};
  const told = prior.conditionSize > 0;
  const programs: Program[] = [];
  const compile = async (...args: Parameters<Device['compile']>): Promise<Program> => {
    const program = await device.compile(...args);
    programs.push(program);
    return program;
  };
  let teller: Program | undefined;
  let rower: Program;
  let caller: Program;
  try {
    if (told) {
      teller = await compile('prior/condition', (given, all) => ({ outputs: { condition: prior.condition!(under(all, 'p/'), prior.coarser.map((_, i) => given[`coarser/${i}`])) } }), {
        inputs: Object.fromEntries(prior.coarser.map((grid, i) => [`coarser/${i}`, { shape: [batch, grid.height, grid.width], dtype: 'int32' }])),
        state,
      });
    }
    rower = await compile('prior/row', (given, all) => {
      const { above, any, row, condition, labels } = given;
      return { outputs: {}, state: prefixed(prior.row(under(all, 'p/'), under(all, 'c/'), { above, any, row, condition, labels }), 'c/') };
    }, {
      inputs: { above: { shape: [batch, width], dtype: 'int32' }, any: scalar, row: one, ...labelled, ...(told ? { condition: { shape: [batch, 1, width, prior.conditionSize], dtype: 'float32' } as const } : {}) },
      state,
    });
    caller = await compile('prior/cell', (given, all) => {
      const { left, any, row, column, labels } = given;
      const { logits, caches } = prior.cell(under(all, 'p/'), under(all, 'c/'), { left, any, row, column, labels });
      return { outputs: { logits }, state: prefixed(caches, 'c/') };
    }, { inputs: { left: { shape: [batch], dtype: 'int32' }, any: scalar, row: one, column: one, ...labelled }, state });
  } catch (error) {
    for (const program of programs) program.dispose();
    state.dispose();
    throw error;
  }
  const [none, some] = [Float32Array.of(0), Float32Array.of(1)];
  const [rowNumber, columnNumber] = [new Int32Array(1), new Int32Array(1)];
  const known: Record<string, HostArray> = prior.usesLabels ? { labels: new Int32Array(batch) } : {};
  const strip = width * prior.conditionSize;
  const condition = new Float32Array(batch * height * strip);
  const ofRow = told ? new Float32Array(batch * strip) : undefined;
  return {
    batch,
    load: (values) => state.write(prefixed(values, 'p/')),
    async begin(coarser, labels) {
      await state.write(blank);
      known.labels?.set(labels);
      if (teller) condition.set((await teller.run(Object.fromEntries(coarser.map((codes, i) => [`coarser/${i}`, codes])))).condition as Float32Array);
    },
    async row(y, above) {
      rowNumber[0] = y;
      if (ofRow) for (let b = 0; b < batch; b++) ofRow.set(condition.subarray((b * height + y) * strip, (b * height + y + 1) * strip), b * strip);
      await rower.run({ above, any: y > 0 ? some : none, row: rowNumber, ...known, ...(ofRow ? { condition: ofRow } : {}) });
    },
    async cell(y, x, left) {
      rowNumber[0] = y;
      columnNumber[0] = x;
      return (await caller.run({ left, any: x > 0 ? some : none, row: rowNumber, column: columnNumber, ...known })).logits as Float32Array;
    },
    dispose() {
      for (const program of programs) program.dispose();
      state.dispose();
    },
  };
}

const under = (all: Tensors, prefix: string): Tensors => Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(prefix)).map(([name, t]) => [name.slice(prefix.length), t]));
const prefixed = <T>(all: Record<string, T>, prefix: string): Record<string, T> => Object.fromEntries(Object.entries(all).map(([name, value]) => [prefix + name, value]));
