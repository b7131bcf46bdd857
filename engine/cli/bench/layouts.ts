import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rng } from '../../core/rng.ts';
import { openVectors } from '../../data/tables/index.ts';
import { createCrew, layoutQuality } from '../../projection/index.ts';
import type { Context } from '../context.ts';
import { followTask } from '../follow-task.ts';
import { table } from '../table.ts';
import { peerScript } from './peer.ts';

export interface LayoutComparison {
  /** `umap:10000` */
  name: string;
  rows: number;
  ours: { seconds: number; trustworthiness: number };
  peer: { method: string; seconds: number; trustworthiness: number } | null;
  /** ours / peer; below 1 is faster. */
  ratio: number | null;
  note: string;
}

const DIMENSIONS = 64;
const CLUSTERS = 20;
const NEIGHBOURS = 10;
const PEERS = { umap: ['umap'], tsne: ['opentsne', 'sklearn-tsne'] };
const INSTALL = 'umap-learn (for umap), openTSNE or scikit-learn (for tsne) is not installed: "pip install umap-learn openTSNE".';

/** `umap:ROWS` or `tsne:ROWS`. */
export const isLayoutBench = (name: string): boolean => /^(umap|tsne):[1-9]\d{2,6}$/.test(name);

/** A layout to 3D of clustered rows here and elsewhere, one after the other on the same table. */
export async function benchLayout(context: Context, name: string, threads: number, progress: (text: string) => void): Promise<LayoutComparison> {
  const [method, count] = name.split(':') as ['umap' | 'tsne', string];
  const n = Number(count);
  const folder = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  const crew = createCrew(threads);
  try {
    const values = clustered(n);
    const path = join(folder, 'table.npy');
    await writeFile(path, npy(values, n, DIMENSIONS));
    const trust = async (positions: Float32Array): Promise<number> => (await layoutQuality({ values, n, d: DIMENSIONS }, positions, 3, { k: NEIGHBOURS, sample: Math.min(n, 500) }, crew)).trustworthiness;
    progress(`${name}: here`);
    const out = join(folder, 'ours.parquet');
    const done = await followTask(context, 'project', { table: path, method, dims: 3, out, metric: 'euclidean', neighbours: 15, minDist: 0.1, spread: 1, perplexity: 30, seed: 0, quality: false, threads });
    const ours = { seconds: done.seconds.neighbours + done.seconds.layout, trustworthiness: await trust(await columnsOf(out)) };
    for (const peer of PEERS[method]) {
      progress(`${name}: ${peer}`);
      const theirs = join(folder, 'peer.npy');
      const seconds = await runPeer([path, peer, theirs, '--dims', '3'], threads);
      if (seconds === null) continue;
      const read = await openVectors(theirs);
      read.close();
      return { name, rows: n, ours, peer: { method: peer, seconds, trustworthiness: await trust(read.values) }, ratio: ours.seconds / seconds, note: '' };
    }
    return { name, rows: n, ours, peer: null, ratio: null, note: INSTALL };
  } finally {
    await crew.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export const layoutTable = (found: readonly LayoutComparison[]): string =>
  [
    table(
      ['layout to 3D', 'seconds', 'peer', 'seconds', 'ratio', 'trustworthiness', 'peer'],
      found.map(({ name, ours, peer, ratio }) => [name, ours.seconds.toFixed(1), peer?.method ?? '-', peer ? peer.seconds.toFixed(1) : '-', ratio === null ? '-' : `${ratio.toFixed(2)}x`, ours.trustworthiness.toFixed(4), peer ? peer.trustworthiness.toFixed(4) : '-']),
    ),
    ...new Set(found.map((f) => f.note).filter((note) => note !== '').map((note) => `No comparison: ${note}`)),
  ].join('\n');

async function columnsOf(path: string): Promise<Float32Array> {
  const read = await openVectors(path, { columns: ['x', 'y', 'z'] });
  read.close();
  return read.values;
}

/** @returns seconds; null where the method is not installed */
async function runPeer(args: string[], threads: number): Promise<number | null> {
  const script = peerScript('umap_peer.py');
  if (!script) return null;
  for (const python of process.env.ATELIER_PYTHON ? [process.env.ATELIER_PYTHON] : ['python3', '/usr/bin/python3']) {
    const text = await new Promise<string | null>((resolve) => {
      const child = spawn(python, [script, ...args], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, OMP_NUM_THREADS: String(threads), NUMBA_NUM_THREADS: String(threads) } });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.on('error', () => resolve(null));
      child.on('close', (code) => resolve(code === 0 ? out : null));
    });
    if (text) return (JSON.parse(text.trim().split('\n').at(-1)!) as { seconds: number }).seconds;
  }
  return null;
}

/** Rows about some centres, with clusters that touch. [N, 64] */
function clustered(n: number): Float32Array {
  const random = rng(0, 'clusters');
  const centres = random.fillNormal(new Float32Array(CLUSTERS * DIMENSIONS));
  const values = random.fillNormal(new Float32Array(n * DIMENSIONS));
  for (let i = 0; i < n; i++) for (let j = 0; j < DIMENSIONS; j++) values[i * DIMENSIONS + j] = values[i * DIMENSIONS + j] * 0.6 + centres[(i % CLUSTERS) * DIMENSIONS + j];
  return values;
}

/** NumPy's format 1.0. */
function npy(values: Float32Array, n: number, d: number): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${n}, ${d}), }`.padEnd(117) + '\n';
  return Buffer.concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0), Buffer.from(header, 'latin1'), new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
}
