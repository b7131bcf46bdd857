import type { Tensor } from '@tensorflow/tfjs-core';
import type { Rng } from '../core/rng.ts';
import { assign, kmeans } from '../nn/kmeans.ts';
import type { Params } from '../nn/layer.ts';
import type { ResidualQuantizer } from '../nn/residual-quantizer.ts';
import { reviveCodes } from '../nn/revival.ts';
import type { Maintenance, MaintenanceResult } from './define.ts';

export interface CareOptions {
  codes: number;
  codeSize: number;
  codebook: 'ema' | 'gradient';
  distance: 'euclidean' | 'cosine';
  decay: number;
  kmeansStart: boolean;
  reviveEvery: number;
  reviveBelow: number;
}

/** Revival ends at this part of the plan, so that the last codes settle. */
const REVIVE_UNTIL = 0.95;

/** First codes from data, and revival of dead ones, for each level of a quantizer. @param latent points of a batch of images, `[n, D]` */
export function codebookCare(config: CareOptions, q: ResidualQuantizer, latent: (params: Params, images: Tensor) => Tensor): Maintenance {
  const { codes, codeSize, distance } = config;
  const ema = config.codebook === 'ema';
  const names = q.levels.map((level) => level.names);
  const observed = (level: number) => (level === 0 ? 'latent' : `latent/${level}`);
  const sums = (centres: Float32Array, counts: Float32Array) => centres.map((value, i) => value * counts[Math.floor(i / codeSize)]);
  const prepared = (book: Float32Array) => (distance === 'cosine' ? unitRows(book, codeSize) : book);
  return {
    params: names.flatMap(({ codebook, count, sum }) => (ema ? [codebook, count, sum] : [codebook, count])),
    every: config.reviveEvery,
    observe: (params, images) => Object.fromEntries(q.residuals(params, latent(params, images)).map((points, level) => [observed(level), points])),
    start(batches, rng) {
      if (!config.kmeansStart) return {};
      const points = sample(batches.map((b) => b.latent as Float32Array), codeSize, Math.max(4096, codes * 8), rng);
      const values: Record<string, Float32Array> = {};
      for (const { codebook, count: counter, sum } of names) {
        const found = kmeans(points, codeSize, codes, 4, rng);
        const centres = prepared(found.centres);
        // As after one batch: codes that the encoder leaves behind in its first, quick steps are then soon seen to be dead.
        const share = ((1 - config.decay) * batches[0].latent.length) / points.length;
        const count = found.counts.map((c) => Math.max(c, 0.1) * share);
        Object.assign(values, { [codebook]: centres, [counter]: count, ...(ema ? { [sum]: sums(centres, count) } : {}) });
        subtractNearest(points, centres, codeSize);
      }
      return values;
    },
    step(seen, values, rng, { step, steps }): MaintenanceResult {
      const changed: Record<string, Float32Array> = {};
      const late = step > REVIVE_UNTIL * steps;
      let dead = 0;
      let revived = 0;
      names.forEach((level, i) => {
        const count = values[level.count].slice();
        const limit = (config.reviveBelow * count.reduce((a, b) => a + b, 0)) / codes;
        dead += count.reduce((n, c) => n + (c < limit ? 1 : 0), 0);
        if (late) return;
        const codebook = prepared(values[level.codebook].slice());
        const points = sample([seen[observed(i)] as Float32Array], codeSize, 2048, rng);
        const moved = reviveCodes(points, codebook, count, codeSize, rng, { threshold: config.reviveBelow });
        if (moved.length === 0) return;
        revived += moved.length;
        Object.assign(changed, { [level.codebook]: codebook, [level.count]: count });
        if (!ema) return;
        const sum = values[level.sum].slice();
        for (const c of moved) for (let j = 0; j < codeSize; j++) sum[c * codeSize + j] = codebook[c * codeSize + j] * count[c];
        changed[level.sum] = sum;
      });
      return { values: changed, metrics: { deadCodes: dead, ...(late ? {} : { revivedCodes: revived }) } };
    },
  };
}

/** Looks after several codebooks that a model has beside each other, by name. */
export function careOfLevels(cares: Readonly<Record<string, Maintenance>>): Maintenance {
  const all = Object.entries(cares);
  const named = <T>(name: string, values: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}/${key}`, value]));
  const only = <T>(name: string, values: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith(`${name}/`)).map(([key, value]) => [key.slice(name.length + 1), value]));
  return {
    params: all.flatMap(([, care]) => care.params),
    every: all[0][1].every,
    observe: (params, images) => Object.assign({}, ...all.map(([name, care]) => named(name, care.observe(params, images)))) as Record<string, Tensor>,
    start: (batches, rng) => Object.assign({}, ...all.map(([name, care]) => care.start(batches.map((batch) => only(name, batch)), rng))) as Record<string, Float32Array>,
    step(seen, values, rng, progress) {
      const metrics: Record<string, number> = {};
      const changed: Record<string, Float32Array> = {};
      for (const [name, care] of all) {
        const found = care.step(only(name, seen), values, rng, progress);
        Object.assign(changed, found.values);
        for (const [metric, value] of Object.entries(found.metrics)) metrics[metric] = (metrics[metric] ?? 0) + value;
      }
      return { values: changed, metrics };
    },
  };
}

/** Takes from each point its nearest centre, in place: what is left is the next level's work. */
function subtractNearest(points: Float32Array, centres: Float32Array, d: number): void {
  const n = points.length / d;
  const nearest = new Int32Array(n);
  assign(points, centres, d, nearest, new Float32Array(n));
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) points[i * d + j] -= centres[nearest[i] * d + j];
}

function unitRows(rows: Float32Array, d: number): Float32Array {
  for (let at = 0; at < rows.length; at += d) {
    const row = rows.subarray(at, at + d);
    const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 1e-12));
    for (let j = 0; j < d; j++) row[j] /= length;
  }
  return rows;
}

/** At most `limit` rows of `d` numbers, drawn without order from all blocks. */
function sample(blocks: readonly Float32Array[], d: number, limit: number, rng: Pick<Rng, 'shuffle'>): Float32Array {
  const total = blocks.reduce((n, b) => n + b.length / d, 0);
  const order = rng.shuffle(Int32Array.from({ length: total }, (_, i) => i)).subarray(0, limit);
  const perBlock = blocks[0].length / d;
  const out = new Float32Array(order.length * d);
  order.forEach((row, i) => {
    const block = Math.floor(row / perBlock);
    const at = (row - block * perBlock) * d;
    out.set(blocks[block].subarray(at, at + d), i * d);
  });
  return out;
}
