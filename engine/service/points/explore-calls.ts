import { createHash } from 'node:crypto';
import type { Handlers, PathDecoded } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { rng } from '../../core/rng.ts';
import { ellipsoid } from '../../projection/index.ts';
import type { Core } from '../core.ts';
import { inWorker } from '../workers.ts';
import { attributeOf } from './attribute.ts';
import { occurrences } from './occurrences.ts';
import { Decoder, requireRun, type Placed } from './decoder.ts';
import { along, greatCircle, straight, throughGraph } from './path.ts';
import type { Source, Sources } from './sources.ts';

type ExploreHandlers = Pick<Handlers, Extract<keyof Handlers, `explore.${string}` | `codebook.${string}`>>;

const NEAREST_SHOWN = 8;
const MOST_ATTRIBUTES = 64;
/** Beyond so many latents single ones mean little: principal components are varied instead. */
const MOST_SINGLE = 256;
const POSTERIOR_DRAWS = 64;

/** Positions become pictures: anywhere, along paths, along attributes, about a point. */
export function exploreCallHandlers(core: Core, sources: Sources): ExploreHandlers {
  const open = async (source: string, layout: string): Promise<Decoder> => Decoder.open(core, await sources.get(source), layout);
  return {
    async 'explore.decode'({ source, layout, position, size }) {
      const decoder = await open(source, layout);
      const placed = decoder.at({ position });
      const sheet = await decoder.sheet([placed], size);
      const { mime, width, height, bytes } = sheet;
      return {
        picture: { mime, width, height, bytes }, confidence: placed.confidence, inverse: decoder.inverse,
        nearest: placed.nearest.slice(0, NEAREST_SHOWN).map((index, i) => ({ index, distance: placed.distances[i] })),
      };
    },

    async 'explore.places'({ source, layout, positions, size }) {
      const decoder = await open(source, layout);
      const placed = Array.from({ length: positions.length / 3 }, (_, i) => decoder.at({ position: [positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]] }));
      return { sheet: await decoder.sheet(placed, size), confidence: Float32Array.from(placed, (p) => p.confidence), nearest: Int32Array.from(placed, (p) => p.nearest[0]) };
    },

    async 'explore.path'({ source, layout, places, mode, frames, size }) {
      const decoder = await open(source, layout);
      let stations = places.map((place) => decoder.at(place));
      let through: Int32Array = new Int32Array(0);
      if (mode === 'graph') ({ stations, through } = await throughGraph(core, decoder.source, decoder, stations));
      const mix = mode === 'spherical' ? greatCircle(meanOf(decoder.source)) : straight;
      const steps = along(stations, frames, mix);
      const exact = decoder.inverse === 'exact';
      const placed = await Promise.all(steps.map(async ({ latent, leg, t }): Promise<Placed> => {
        if (exact || mode === 'spherical') return decoder.place(latent);
        const position = stations[leg].position.map((p, a) => p + t * (stations[leg + 1].position[a] - p)) as [number, number, number];
        return { ...decoder.at({ position }), latent, position };
      }));
      return decoded(decoder, placed, through, size);
    },

    async 'explore.items'({ source, points }) {
      const opened = await sources.get(source);
      const { items } = requireRun(opened);
      const { asBits, pointsOf } = await import('../../data/points/index.ts');
      return { items: Array.from(pointsOf(asBits(points, items.length), items.length), (point) => items[point]) };
    },

    async 'explore.attribute'({ source, from, to }) {
      const opened = await sources.get(source);
      requireRun(opened);
      const { asBits, pointsOf } = await import('../../data/points/index.ts');
      const rows = opened.near.rows();
      const a = pointsOf(asBits(from, rows.n), rows.n), b = pointsOf(asBits(to, rows.n), rows.n);
      if (a.length === 0 || b.length === 0) throw new AtelierError('bad-input', 'An attribute goes from some points to others, and one of the two selections is empty.', 'Select at least one point for each.');
      const { direction, length, accuracy } = attributeOf(rows, a, b);
      const attribute = createHash('sha256').update(a).update('|').update(b).digest('hex').slice(0, 16);
      opened.attributes.set(attribute, direction);
      if (opened.attributes.size > MOST_ATTRIBUTES) opened.attributes.delete(opened.attributes.keys().next().value!);
      return { attribute, length, accuracy, from: a.length, to: b.length };
    },

    async 'explore.vary'({ source, layout, place, attribute, amounts, size }) {
      const decoder = await open(source, layout);
      const direction = decoder.source.attributes.get(attribute);
      if (!direction) throw new AtelierError('not-found', 'The attribute is no longer at hand.', 'Make it again from two selections.');
      const { latent } = decoder.at(place);
      const placed = await Promise.all(amounts.map((amount) => decoder.place(latent.map((v, i) => v + amount * direction[i]))));
      return decoded(decoder, placed, new Int32Array(0), size);
    },

    async 'explore.posterior'({ source, layout, index }) {
      const decoder = await open(source, layout);
      const { latent, position } = decoder.at({ index });
      const deviations = await deviationsOf(core, decoder.source, index);
      if (!deviations) return null;
      const { projection } = decoder.layout;
      if (projection) {
        // Cov(C z) = C diag(sigma^2) C^T, in units of the layout.
        const covariance = new Float64Array(9);
        const d = deviations.length;
        for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) for (let j = 0; j < d; j++) covariance[a * 3 + b] += projection.scale ** 2 * projection.components[a * d + j] * projection.components[b * d + j] * deviations[j] ** 2;
        return { centre: position, axes: ellipsoid(covariance), deviations };
      }
      const random = rng(0, 'posterior', index);
      const draws = await Promise.all(Array.from({ length: POSTERIOR_DRAWS }, () => decoder.place(latent.map((v, j) => v + deviations[j] * random.normal()))));
      const covariance = new Float64Array(9);
      for (const { position: p } of draws) for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) covariance[a * 3 + b] += ((p[a] - position[a]) * (p[b] - position[b])) / draws.length;
      return { centre: position, axes: ellipsoid(covariance), deviations };
    },

    async 'explore.traversals'({ source, layout, index, dimensions, steps, range, size }) {
      const decoder = await open(source, layout);
      const { latent } = decoder.at({ index });
      const directions = await directionsOf(core, decoder.source, dimensions);
      const trails = [];
      for (const { dimension, weight, direction, deviation } of directions) {
        const values = Float32Array.from({ length: steps }, (_, s) => range * deviation * ((2 * s) / (steps - 1) - 1));
        const placed = await Promise.all(Array.from(values, (amount) => decoder.place(latent.map((v, j) => v + amount * direction[j]))));
        const { sheet, positions } = await decoded(decoder, placed, new Int32Array(0), size);
        trails.push({ dimension, weight, values, positions, sheet });
      }
      return { trails };
    },

    async 'explore.evaluate'({ source, layout, heldOut, seed }, signal) {
      const { source: opened, layout: chosen } = await open(source, layout);
      const { folder, step, items } = requireRun(opened);
      const { kind, dims, parameters } = chosen.info;
      return inWorker(core.workers, 'evaluateInverse', {
        run: folder, step, items, rows: opened.near.rows(), positions: chosen.positions, dims, layout: chosen.info.name, kind: chosen.projection ? 'exact' : 'local', heldOut, seed,
        umap: kind === 'umap' ? { minDist: Number(parameters.minDist ?? 0.1), spread: Number(parameters.spread ?? 1) } : null,
        axes: kind === 'raw' ? 'raw' : 'components', projection: chosen.projection,
      }, signal);
    },

    'codebook.occurrences': async ({ source, code, limit, size }) => occurrences(sources, await sources.get(source), code, limit, size),
  };
}

async function decoded(decoder: Decoder, placed: readonly Placed[], through: Int32Array, size?: number): Promise<PathDecoded> {
  const positions = new Float32Array(placed.length * 3);
  placed.forEach(({ position }, i) => positions.set(position, i * 3));
  return { sheet: await decoder.sheet(placed, size), positions, confidence: Float32Array.from(placed, (p) => p.confidence), through };
}

function meanOf(source: Source): Float32Array {
  const { values, n, d } = source.near.rows();
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) mean[j] += values[i * d + j] / n;
  return Float32Array.from(mean);
}

/** Standard deviations of the posterior of an item; null for models without one. */
async function deviationsOf(core: Core, source: Source, index: number): Promise<Float32Array | null> {
  const { folder, items } = requireRun(source);
  return core.trained.use(folder, 'step' in source.spec ? source.spec.step : undefined, async (opened) => {
    if (!opened.trained.deviations) return null;
    const images = await opened.images();
    return opened.trained.deviations(Float32Array.from(await images.read([items[index]])), Int32Array.of(images.labels[items[index]] ?? -1));
  });
}

/** The latents that tell most, or principal components where there are very many. */
async function directionsOf(core: Core, source: Source, count: number): Promise<{ dimension: number; weight: number; direction: Float32Array; deviation: number }[]> {
  const { values, n, d } = source.near.rows();
  if (d > MOST_SINGLE) {
    const { variances, components } = await source.layouts.components();
    return Array.from({ length: Math.min(count, variances.length) }, (_, c) => ({ dimension: c, weight: variances[c], direction: components.slice(c * d, (c + 1) * d), deviation: Math.sqrt(variances[c]) }));
  }
  const mean = meanOf(source);
  const variance = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) variance[j] += (values[i * d + j] - mean[j]) ** 2 / n;
  const kl = await core.trained.use(requireRun(source).folder, 'step' in source.spec ? source.spec.step : undefined, async ({ folder }) => (await folder.loadPreview())?.klPerDimension ?? null);
  const weights = kl && kl.length === d ? kl : Float32Array.from(variance);
  const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a] || a - b).slice(0, count);
  return order.map((dimension) => {
    const direction = new Float32Array(d);
    direction[dimension] = 1;
    return { dimension, weight: weights[dimension], direction, deviation: Math.sqrt(variance[dimension]) || 1 };
  });
}
