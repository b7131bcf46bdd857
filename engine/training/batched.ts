import { oneAtATime } from '../core/one-at-a-time.ts';
import type { Device, GraphFunction, HostArray, Program, State, TensorSpec } from '../device/types.ts';

/** A graph whose first axis is the batch, for any number of items: cut into batches, the last one padded. */
export interface Batched {
  /**
   * @param count items
   * @param fill writes the inputs of items [from, from + size) into arrays of the batch's full length
   * @param take receives the outputs of a batch, of which the first `size` items count
   */
  run(
    count: number,
    fill: (from: number, size: number, inputs: Record<string, HostArray>, batch: number) => Promise<void> | void,
    take: (from: number, size: number, outputs: Record<string, HostArray>) => void,
  ): Promise<void>;
  dispose(): void;
}

/**
 * @param build the graph for a batch size
 * @param sizes batch sizes to compile on first use, ascending; a few items go one by one through the smallest
 */
export function batched(
  device: Device,
  name: string,
  state: State,
  build: (batch: number) => { fn: GraphFunction; inputs: Record<string, TensorSpec> },
  sizes: readonly number[],
): Batched {
  const programs = new Map<number, Promise<{ program: Program; inputs: Record<string, HostArray> }>>();
  const compile = async (batch: number) => {
    const { fn, inputs } = build(batch);
    const program = await device.compile(`${name}/${batch}`, fn, { inputs, state });
    const arrays = Object.entries(inputs).map(([key, { shape, dtype }]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [key, dtype === 'int32' ? new Int32Array(length) : new Float32Array(length)] as const;
    });
    return { program, inputs: Object.fromEntries(arrays) };
  };
  // Batches share the arrays of their inputs.
  const turn = oneAtATime();
  return {
    run: (count, fill, take) => turn(async () => {
      const largest = sizes[sizes.length - 1];
      const batch = count * 4 <= largest ? sizes[0] : largest;
      let entry = programs.get(batch);
      if (!entry) programs.set(batch, (entry = compile(batch)));
      const { program, inputs } = await entry;
      for (let from = 0; from < count; from += batch) {
        const size = Math.min(batch, count - from);
        await fill(from, size, inputs, batch);
        take(from, size, await program.run(inputs));
        await new Promise((resolve) => setImmediate(resolve)); // a run blocks its thread; let messages in
      }
    }),
    dispose() {
      for (const entry of programs.values()) void entry.then(({ program }) => program.dispose(), () => {});
      programs.clear();
    },
  };
}
