import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mostPoints } from '../../../electron/contract/index.ts';
import type { Context } from '../context.ts';
import { assetPath } from '../../core/assets.ts';
import { literal, openDuck } from '../../data/tables/index.ts';
import { table } from '../table.ts';

export interface MapMeasure {
  what: string;
  value: number;
  unit: 's' | 'ms' | 'a second';
  /** Processor time of all threads in ms, which other programs disturb less. */
  cpuMs: number | null;
  /** What it is held to. */
  goal: string;
}

const POINTS = 1_000_000;

/** What a map of a million points asks of the engine, and previews under the probe, through the same calls as the window's. */
export async function benchMap(context: Context, progress: (text: string) => void): Promise<MapMeasure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  const found: MapMeasure[] = [];
  try {
    progress('Writing a million rows');
    const path = join(folder, 'million.parquet');
    await writeMillion(path);
    await context.service();
    progress('Opening them');
    let began = performance.now();
    let cpu = process.cpuUsage();
    const busy = (): number => {
      const { user, system } = process.cpuUsage(cpu);
      return (user + system) / 1000;
    };
    const source = await context.call('points.open', { kind: 'table', path });
    const opened = performance.now() - began, openedCpu = busy();
    for (let from = 0; from < source.count; from += mostPoints) {
      await context.call('points.positions', { source: source.id, layout: source.layouts[0].id, from, count: mostPoints });
      await context.call('points.column', { source: source.id, column: source.colorBy!, from, count: mostPoints });
    }
    found.push({ what: `${source.count} rows x 3 with 5 columns: opened`, value: opened / 1000, unit: 's', cpuMs: openedCpu, goal: '' });
    found.push({ what: 'the same with positions and colours handed over', value: (performance.now() - began) / 1000, unit: 's', cpuMs: busy(), goal: '5 s to the first frame' });
    const timed = async (what: string, goal: string, work: () => Promise<unknown>, rounds = 5): Promise<void> => {
      const times: { wall: number; cpu: number }[] = [];
      for (let i = 0; i < rounds; i++) {
        began = performance.now();
        cpu = process.cpuUsage();
        await work();
        times.push({ wall: performance.now() - began, cpu: busy() });
      }
      const median = (of: number[]): number => of.sort((a, b) => a - b)[of.length >> 1];
      found.push({ what, value: median(times.map((t) => t.wall)), unit: 'ms', cpuMs: median(times.map((t) => t.cpu)), goal });
    };
    const { id } = source;
    for (const expression of ["label = 'face' and kl > 3", "name contains '99' or kl between 1 and 2"]) await timed(`filter: ${expression}`, '300 ms', () => context.call('points.filter', { source: id, expression }));
    await timed('search in text', '', () => context.call('points.search', { source: id, text: 'item 77' }));
    await timed('12 neighbours of a point', '', () => context.call('points.neighbours', { source: id, index: 4711 }));
    await timed('a page of 100 rows ordered by a column (the first time)', '', () => context.call('points.rows', { source: id, from: 500_000, order: { column: 'kl' } }), 1);
    await timed('a page of 100 rows ordered by a column', '', () => context.call('points.rows', { source: id, from: 500_100, order: { column: 'kl' } }));
    progress('Decoding under the probe');
    const run = await context.call('points.open', { kind: 'run', run: assetPath('sample', 'runs', 'emoji') });
    for (const layout of [run.layouts.find((l) => l.kind === 'frame')!, run.layouts.find((l) => l.kind === 'pca')!]) {
      const decode = (i: number): Promise<unknown> => context.call('explore.decode', { source: run.id, layout: layout.id, position: [0.1 * Math.sin(i), 0.1 * Math.cos(i), 0.05 * Math.sin(2 * i)], size: 64 });
      await decode(0);
      began = performance.now();
      for (let i = 1; i <= 40; i++) await decode(i);
      found.push({ what: `previews of 64 px, one after another (${layout.name})`, value: 40_000 / (performance.now() - began), unit: 'a second', cpuMs: null, goal: '20 a second' });
    }
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeMillion(path: string): Promise<void> {
  const duck = await openDuck();
  try {
    await duck.all('SELECT setseed(0.5)');
    await duck.connection.run(`COPY (SELECT random()::FLOAT AS x, random()::FLOAT AS y, random()::FLOAT AS z, ['face', 'bird', 'dog', 'cat', 'car'][1 + (i % 5)] AS label, (random() * 10)::FLOAT AS kl,
      (i % 1000)::INTEGER AS batch, 'item ' || i AS name, random() < 0.3 AS held_out FROM range(${POINTS}) t(i)) TO ${literal(path)} (FORMAT parquet)`);
  } finally {
    duck.close();
  }
}

export const mapTable = (measures: readonly MapMeasure[]): string =>
  table(['map', 'result', 'CPU ms', 'held to'], measures.map(({ what, value, unit, cpuMs, goal }) => [what, `${value.toFixed(unit === 'ms' ? 0 : unit === 's' ? 2 : 1)} ${unit}`, cpuMs === null ? '-' : cpuMs.toFixed(0), goal]));
