import { matMul } from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { openDevice } from '../../device/index.ts';
import type { Device } from '../../device/index.ts';
import { adamInputs, adamState, trainingStep } from '../../device/workloads/adam.ts';
import type { Workload } from '../../device/workloads/adam.ts';
import { torchPeer } from './peer.ts';
import type { StepTime } from './peer.ts';

interface Times {
  medianMs: number;
  minimumMs: number;
  /** Processor time of all threads, the least of a step. */
  cpuMinimumMs: number;
}

export interface Comparison {
  workload: string;
  batch: number;
  nodes: number;
  createMs: number;
  ours: Times;
  torch: Times | null;
  torchVersion: string | null;
  /** ours / torch; below 1 is faster. */
  ratio: { median: number; minimum: number; cpuMinimum: number } | null;
  /** Why there is no peer. */
  note: string;
  /** Useful multiply-adds of the step, by its minimum; two operations each. */
  gflops: number;
}

const median = (a: readonly number[]) => [...a].sort((x, y) => x - y)[a.length >> 1];
const times = (a: readonly StepTime[]): Times => ({ medianMs: median(a.map((t) => t[0])), minimumMs: Math.min(...a.map((t) => t[0])), cpuMinimumMs: Math.min(...a.map((t) => t[1])) });

/**
 * Steps of a workload here and in PyTorch by turns, so that a busy moment of the machine strikes both.
 * @param rounds turns, of two steps each
 */
export async function compare(device: Device, w: Workload, batch: number, threads: number, rounds: number): Promise<Comparison> {
  const state = device.createState(adamState(w.parameters));
  const step = trainingStep(w);
  const program = await device.compile(w.name, step.fn, { inputs: step.inputs, state });
  const peer = await torchPeer(w.name, batch, threads);
  const here: StepTime[] = [];
  const there: StepTime[] = [];
  let t = 0;
  const run = async () => {
    const start = performance.now();
    const cpu = process.cpuUsage();
    await program.run({ ...w.data, ...adamInputs(++t) });
    const used = process.cpuUsage(cpu);
    return [performance.now() - start, (used.user + used.system) / 1e3] as const;
  };
  for (let i = 0; i < 3; i++) await run();
  for (let round = 0; round < rounds; round++) {
    if ('steps' in peer) there.push(...(await peer.steps(2)));
    for (let i = 0; i < 2; i++) here.push(await run());
  }
  if ('close' in peer) peer.close();
  program.dispose();
  state.dispose();
  const ours = times(here);
  const torch = there.length ? times(there) : null;
  return {
    workload: w.name,
    batch,
    nodes: program.stats.nodes,
    createMs: program.stats.createMs,
    ours,
    torch,
    torchVersion: 'version' in peer ? peer.version : null,
    ratio: torch && { median: ours.medianMs / torch.medianMs, minimum: ours.minimumMs / torch.minimumMs, cpuMinimum: ours.cpuMinimumMs / torch.cpuMinimumMs },
    note: 'reason' in peer ? peer.reason : '',
    gflops: (2 * w.multiplications) / ours.minimumMs / 1e6,
  };
}

/** GFLOP/s of a product of two matrices [1024, 1024] in ONNX Runtime, the best of ten. */
export async function sgemmGflops(threads: number): Promise<number> {
  const device = await openDevice('cpu', { threads });
  const n = 1024;
  const matrix = { shape: [n, n], values: new Float32Array(n * n).fill(0.5) };
  const state = device.createState({ a: matrix, b: matrix });
  const program = await device.compile('sgemm', (_, s) => ({ outputs: { c: matMul(s.a as Tensor2D, s.b as Tensor2D) } }), { inputs: {}, state });
  let best = Infinity;
  for (let i = 0; i < 13; i++) {
    const start = performance.now();
    await program.run({});
    if (i >= 3) best = Math.min(best, performance.now() - start);
  }
  program.dispose();
  state.dispose();
  return (2 * n ** 3) / best / 1e6;
}
