import type { Sheet } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { createInverse, localInverse, type Unprojected } from '../../projection/index.ts';
import type { Core } from '../core.ts';
import type { OpenedRun } from '../trained-cache.ts';
import type { OpenLayout } from './layouts.ts';
import type { Source } from './sources.ts';

export type Place = { index: number } | { position: [number, number, number] };

/** A latent, where it stands in the layout, and how sure that is. */
export interface Placed {
  latent: Float32Array;
  position: [number, number, number];
  confidence: number;
  /** Points near by, nearest first. */
  nearest: number[];
  distances: number[];
}

type Invert = (position: readonly [number, number, number]) => Unprojected;
const inverses = new WeakMap<OpenLayout, Invert>();

/** Positions of one layout turned into latents and back, and latents into pictures. */
export class Decoder {
  readonly #core: Core;
  readonly source: Source;
  readonly layout: OpenLayout;
  readonly #invert: Invert;

  /** @throws AtelierError 'bad-input' when nothing decodes the source */
  static async open(core: Core, source: Source, layout: string): Promise<Decoder> {
    requireRun(source);
    const open = await source.layouts.get(layout);
    if (open.info.kind === 'columns') throw new AtelierError('bad-input', 'Coordinates that came with a table cannot be decoded.', 'Choose a projection of the run itself.');
    return new Decoder(core, source, open);
  }

  private constructor(core: Core, source: Source, layout: OpenLayout) {
    this.#core = core;
    this.source = source;
    this.layout = layout;
    const { values, d } = source.near.rows();
    this.#invert = inverses.get(layout) ?? (layout.projection ? createInverse(layout.projection, layout.positions, values) : localInverse(layout.positions, values, d));
    inverses.set(layout, this.#invert);
  }

  get inverse(): 'exact' | 'local' {
    return this.layout.projection ? 'exact' : 'local';
  }

  /** @throws AtelierError 'bad-input' for a point that there is not */
  at(place: Place): Placed {
    if ('position' in place) {
      const { latent, confidence, nearest, distances } = this.#invert(place.position);
      return { latent, confidence, nearest, distances, position: [...place.position] };
    }
    const { values, n, d } = this.source.near.rows();
    const { index } = place;
    if (index >= n) throw new AtelierError('bad-input', `There are ${n} points; there is no point ${index}.`, 'Points count from 0.');
    return { latent: values.slice(index * d, (index + 1) * d), confidence: 1, nearest: [index], distances: [0], position: this.positionOf(index) };
  }

  positionOf(index: number): [number, number, number] {
    const { positions } = this.layout;
    return [positions[index * 3], positions[index * 3 + 1], positions[index * 3 + 2]];
  }

  /** Where a latent stands in the layout: exactly for linear ones, else among the points that it is nearest to. */
  async place(latent: Float32Array): Promise<Placed> {
    const { projection } = this.layout;
    if (projection) {
      const { mean, components, scale } = projection;
      const d = mean.length;
      const position: [number, number, number] = [0, 0, 0];
      for (let a = 0; a < 3; a++) {
        let s = 0;
        for (let j = 0; j < d; j++) s += (latent[j] - mean[j]) * components[a * d + j];
        position[a] = s * scale;
      }
      const { confidence, nearest, distances } = this.#invert(position);
      return { latent, position, confidence, nearest, distances };
    }
    const near = await this.source.near.nearest(latent, 8, 'euclidean');
    const nearest = Array.from(near.indices), distances = Array.from(near.distances);
    if (distances[0] === 0) return { latent, position: this.positionOf(nearest[0]), confidence: 1, nearest, distances };
    const weights = distances.map((r) => 1 / r ** 4); // sharp, for neighbours of a neighbour may lie elsewhere in the layout
    const sum = weights.reduce((a, b) => a + b, 0);
    const position: [number, number, number] = [0, 0, 0];
    nearest.forEach((i, j) => this.positionOf(i).forEach((p, a) => (position[a] += (weights[j] / sum) * p)));
    return { latent, position, confidence: this.#invert(position).confidence, nearest, distances };
  }

  /** Pictures of latents, [N, H, W, C]; a conditional model draws the class of the nearest point. */
  async pictures(placed: readonly Placed[]): Promise<{ pixels: Float32Array; height: number; width: number; channels: 1 | 3 | 4 }> {
    const { run, spec } = this.source;
    return this.#core.trained.use(run!.folder, 'step' in spec ? spec.step : undefined, async (opened) => {
      const { height, width, channels } = opened.trained.model.input;
      const d = opened.trained.model.latent.size;
      const latents = new Float32Array(placed.length * d);
      placed.forEach(({ latent }, i) => latents.set(latent, i * d));
      const labels = opened.trained.model.usesLabels ? await this.#labels(opened, placed) : undefined;
      return { pixels: await opened.trained.decode(latents, labels), height, width, channels: channels as 1 | 3 | 4 };
    });
  }

  /** Pictures as a sheet, `size` pixels at most. */
  async sheet(placed: readonly Placed[], size?: number): Promise<Sheet> {
    const { encodeSheet, shrink } = await import('../../image/index.ts');
    const { pixels, height, width, channels } = await this.pictures(placed);
    const columns = Math.min(16, placed.length);
    if (!size || size >= Math.max(height, width)) return encodeSheet(pixels, placed.length, height, width, channels, { columns });
    const small = shrink(pixels, placed.length, height, width, channels, size);
    return encodeSheet(small.pixels, placed.length, small.height, small.width, channels, { columns });
  }

  async #labels(opened: OpenedRun, placed: readonly Placed[]): Promise<Int32Array> {
    const images = await opened.images();
    return Int32Array.from(placed, ({ nearest }) => images.labels[this.source.run!.items[nearest[0]]] ?? -1);
  }
}

/** @throws AtelierError 'bad-input' when the source is no run */
export function requireRun(source: Source): NonNullable<Source['run']> {
  if (source.spec.kind !== 'run' || !source.run) throw new AtelierError('bad-input', `Nothing decodes "${source.title}": it is no run of a model.`, 'Open the latents of a run.');
  return source.run;
}
