import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { AtelierError } from '../../core/errors.ts';
import { openDevice } from '../../device/index.ts';
import type { DeviceId } from '../../device/index.ts';
import type { Workload } from '../../device/workloads/adam.ts';
import { PIXELCNN, pixelCnn } from '../../device/workloads/pixelcnn.ts';
import { VAE, vae } from '../../device/workloads/vae.ts';
import { PAPER, vqVae } from '../../device/workloads/vq-vae.ts';
import { benchLayout, isLayoutBench, layoutTable, type LayoutComparison } from '../bench/layouts.ts';
import { benchMap, mapTable, type MapMeasure } from '../bench/map.ts';
import { compare, sgemmGflops } from '../bench/measure.ts';
import type { Comparison } from '../bench/measure.ts';
import { common } from '../context.ts';
import type { Context } from '../context.ts';
import { table } from '../table.ts';

export interface BenchResult {
  device: string;
  threads: number;
  sgemmGflops: number;
  steps: (Comparison & { fractionOfSgemm: number })[];
}

export interface BenchOptions {
  device: DeviceId;
  threads: number;
  rounds: number;
  /** Names such as "vq-vae:32"; empty is all. */
  only: readonly string[];
}

/** What a map asks of the engine. */
const MAP = 'map';
/** Projections beside umap-learn and openTSNE; any number of rows can be named. */
const LAYOUTS = ['umap:10000', 'tsne:5000'];
const ALL: Record<string, () => Workload> = {
  'vq-vae:32': () => vqVae({ ...PAPER, batch: 32 }),
  'vq-vae:128': () => vqVae({ ...PAPER, batch: 128 }),
  'pixelcnn:32': () => pixelCnn({ ...PIXELCNN, batch: 32 }),
  'vae:128': () => vae({ ...VAE, batch: 128 }),
};

/** Training steps of fixed shapes against PyTorch on the same machine, in one interleaved run. */
export async function bench(options: BenchOptions, progress: (text: string) => void = () => {}): Promise<BenchResult> {
  const names = options.only.length ? options.only : Object.keys(ALL);
  for (const name of names) if (!ALL[name]) throw new AtelierError('bad-input', `There is no benchmark "${name}".`, `Choose from ${Object.keys(ALL).join(', ')}.`);
  const device = await openDevice(options.device, { threads: options.threads });
  const sgemm = await sgemmGflops(options.threads);
  const steps: BenchResult['steps'] = [];
  for (const name of names) {
    progress(`${name}: ${options.rounds} rounds`);
    const c = await compare(device, ALL[name](), Number(name.split(':')[1]), options.threads, options.rounds);
    steps.push({ ...c, fractionOfSgemm: c.gflops / sgemm });
  }
  return { device: device.report.name, threads: options.threads, sgemmGflops: sgemm, steps };
}

/** The result for people. */
export function benchTable(result: BenchResult): string {
  const ms = (v: number | undefined) => (v === undefined ? '-' : v.toFixed(1));
  const ratio = (v: number | undefined) => (v === undefined ? '-' : `${v.toFixed(2)}x`);
  const rows = result.steps.map((s) => [
    `${s.workload}, batch ${s.batch}`,
    ms(s.ours.minimumMs),
    ms(s.torch?.minimumMs),
    ratio(s.ratio?.minimum),
    ms(s.ours.medianMs),
    ms(s.torch?.medianMs),
    ratio(s.ratio?.median),
    ratio(s.ratio?.cpuMinimum),
    (1000 * s.batch / s.ours.minimumMs).toFixed(0),
    `${(100 * s.fractionOfSgemm).toFixed(0)}%`,
  ]);
  const header = ['training step', 'min ms', 'torch', 'ratio', 'median ms', 'torch', 'ratio', 'CPU time', 'items/s', 'of SGEMM'];
  const notes = [...new Set(result.steps.map((s) => s.note).filter(Boolean))];
  const versions = [...new Set(result.steps.map((s) => s.torchVersion).filter(Boolean))];
  return [
    `${result.device}; matrix product of 1024: ${result.sgemmGflops.toFixed(0)} GFLOP/s${versions.length ? `; PyTorch ${versions.join(', ')}, ${result.threads} threads` : ''}`,
    '',
    table(header, rows),
    '',
    'Ratios below 1 are faster than PyTorch. "of SGEMM": multiply-adds the model needs, as a share of the rate of the matrix product.',
    ...notes.map((n) => `No comparison: ${n}`),
  ].join('\n');
}

const wholeNumber = (name: string) => (text: string) => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new AtelierError('bad-input', `--${name} ${text}: not a whole number of 1 or more.`, `Give for example --${name} 4.`);
  return n;
};

export function addBench(program: Command, context: Context): void {
  common(program.command('bench'))
    .description('time training steps of fixed shapes, beside PyTorch where it is installed, and a map of a million points')
    .argument('[names...]', `which: ${[...Object.keys(ALL), MAP, ...LAYOUTS].join(', ')} (default: all)`)
    .option('--device <id>', 'device to time', 'cpu')
    .option('--threads <n>', 'threads of both sides', wholeNumber('threads'), availableParallelism())
    .option('--rounds <n>', 'turns of two steps each', wholeNumber('rounds'), 10)
    .action(async (only: string[], options) => {
      context.use(options);
      const note = (text: string) => context.note(text);
      const chosen = only.length > 0 ? only : [...Object.keys(ALL), MAP, ...LAYOUTS];
      const steps = chosen.filter((name) => name !== MAP && !isLayoutBench(name));
      const result = steps.length === 0 ? null : await bench({ device: options.device, threads: options.threads, rounds: options.rounds, only: steps }, note);
      const map: MapMeasure[] | null = chosen.includes(MAP) ? await benchMap(context, note) : null;
      const layouts: LayoutComparison[] = [];
      for (const name of chosen.filter(isLayoutBench)) layouts.push(await benchLayout(context, name, options.threads, note));
      context.result({ ...result, ...(map ? { map } : {}), ...(layouts.length > 0 ? { layouts } : {}) }, [result && benchTable(result), map && mapTable(map), layouts.length > 0 ? layoutTable(layouts) : null].filter((text) => text !== null).join('\n\n'));
    });
}
