/** What a run shows while it trains: preview pictures and frames of its map. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Sheet } from '../../electron/contract/index.ts';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import type { Device, HostArray, State, TensorSpec } from '../device/types.ts';
import { encodeSheet, middleFrames, shrink } from '../image/index.ts';
import { detailKept, manifoldScores } from '../metrics/index.ts';
import type { Model } from '../models/define.ts';
import type { Params } from '../nn/layer.ts';
import { projectFrame, type ProjectedFrame } from '../projection/index.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { batched, type Batched } from './batched.ts';
import { countCodes, drawCodes, uniformCodes, type CodeFrequencies } from './code-frequencies.ts';
import { heldOut, itemMetrics, type Summary } from './evaluate.ts';
import type { Subject } from './checkpoint.ts';
import type { Inspector } from './inspector.ts';
import { under } from './step-graph.ts';

const PREVIEW_ITEMS = 16;
const SAMPLES = 16;
/** Drawn to see how much of the data they cover; the first are shown. */
const DRAWN = 64;
/** Side at which pictures are compared for that. */
const COMPARED = 8;
export const PREVIEW_COLUMNS = 8;
/** Classes among the samples of a conditional model. */
const CLASS_ROWS = 8;
const MAP_ITEMS = 2000;
/** Numbers of all the map's latents together: 64 MB. */
const MAP_NUMBERS = 2 ** 24;
const THUMBNAIL = 48;
const THUMBNAILS_A_SHEET = 1024;

export interface Views {
  /** Reconstructions of held-out items and samples. @returns metrics that only pictures tell, or false where it was left out because they are costly */
  preview(step: number, summary: Summary): Promise<Record<string, number> | false | void>;
  /** A frame of the map; counts codes of its training items on the way. @returns whether there is one */
  frame(step: number): Promise<boolean>;
  /** As counted by the newest frame, or restored. */
  frequencies: CodeFrequencies | null;
  dispose(): void;
}

export interface ViewsContext<M = Subject> {
  run: RunFolder;
  images: ImageSet;
  model: M;
  device: Device;
  state: State;
  /** Prefix of the weights in the state. */
  weights: string;
  inspector: Inspector;
}

export function createViews(context: ViewsContext<Model>): Views {
  const { run, images, model, device, state, weights, inspector } = context;
  const { height, width } = model.input;
  const channels = images.channels;
  const seed = run.info.seed;
  const { latent } = model;
  const shown = heldOut(images, PREVIEW_ITEMS);
  const items = mapItems(images, latent.size);
  const training = new Set(images.split.train);
  let previous: ProjectedFrame | undefined;
  let sampler: Batched | undefined;
  const sheet = (pixels: Float32Array, count: number): Promise<Sheet> => encodeSheet(pixels, count, height, width, channels, { columns: PREVIEW_COLUMNS });

  const fromPrior = (params: Params, noise: Tensor, labels?: Tensor) => model.decode(params, model.fromNoise ? model.fromNoise(params, noise, labels) : noise, labels);
  const samples = async (): Promise<Float32Array | null> => {
    const isCodes = latent.kind === 'codes';
    const frequencies = latent.kind === 'codes' && model.prior === 'uniform-codes' ? uniformCodes(latent) : views.frequencies;
    if (isCodes && !frequencies) return null;
    const per = isCodes ? latent.height * latent.width : latent.size;
    const draw = rng(seed, 'preview');
    const rows = model.usesLabels ? Math.min(CLASS_ROWS, images.classes.length) : 1;
    const count = model.usesLabels ? rows * PREVIEW_COLUMNS : model.prior === 'code-frequencies' ? SAMPLES : DRAWN;
    const drawn = isCodes ? drawCodes(frequencies!, latent, count / rows, draw, 1) : draw.fillNormal(new Float32Array((count / rows) * per));
    sampler ??= batched(device, 'sample', state, (batch) => ({
      inputs: { latent: { shape: [batch, per], dtype: isCodes ? 'int32' : 'float32' }, ...(model.usesLabels ? { labels: { shape: [batch], dtype: 'int32' } satisfies TensorSpec } : {}) },
      fn: (given, all) => ({ outputs: { images: isCodes ? model.decodeCodes!(under(all, weights), given.latent, given.labels) : fromPrior(under(all, weights), given.latent, given.labels) } }),
    }), [count]);
    const out = new Float32Array(count * height * width * channels);
    const fill = (inputs: Record<string, HostArray>) => {
      // A class a row, the same styles in each.
      for (let row = 0; row < rows; row++) inputs.latent.set(drawn as Float32Array & Int32Array, row * drawn.length);
      if (inputs.labels) for (let i = 0; i < count; i++) inputs.labels[i] = Math.floor(i / PREVIEW_COLUMNS);
    };
    await sampler.run(count, (_, __, inputs) => fill(inputs), (_, __, outputs) => out.set(outputs.images as Float32Array));
    return out;
  };

  const shownOf = (drawn: Float32Array): [Float32Array, number] => {
    const size = height * width * channels;
    const count = model.usesLabels ? drawn.length / size : SAMPLES;
    return [drawn.subarray(0, count * size), count];
  };
  const small = (pixels: Float32Array): Float32Array => Float32Array.from(shrink(pixels, pixels.length / (height * width * channels), height, width, channels, COMPARED).pixels);
  /** Held-out pictures as the model redraws them, so that softness, which is another matter, does not count. */
  const coverageOf = async (drawn: Float32Array): Promise<number> => {
    const count = drawn.length / (height * width * channels);
    const { reconstructions } = await inspector.run(images, heldOut(images, count), { pictures: true });
    const data = small(reconstructions!);
    return manifoldScores(data, small(drawn), data.length / count).recall;
  };

  const views: Views = {
    frequencies: null,
    async preview(step, summary) {
      const found = await inspector.run(images, shown, { pictures: true });
      const drawn = await samples();
      await run.savePreview(step, {
        originals: await sheet(found.originals!, shown.length),
        ...(found.shown ? { shown: await sheet(found.shown, shown.length) } : {}),
        reconstructions: await sheet(found.reconstructions!, shown.length),
        samples: drawn ? await sheet(...shownOf(drawn)) : null,
        codeUsage: summary.codeUsage,
        klPerDimension: summary.klPerDimension,
      });
      const kept = detailKept(found.originals!, found.reconstructions!, model.input);
      return {
        ...(Number.isFinite(kept) ? { detailKept: kept } : {}),
        ...(drawn && model.prior !== 'code-frequencies' && drawn.length >= DRAWN * height * width * channels && heldOut(images).length >= DRAWN ? { sampleCoverage: await coverageOf(drawn) } : {}),
      };
    },
    async frame(step) {
      if (items.length < 2) return false;
      if (!previous) {
        const past = await run.listMapSteps();
        if (past.length === 0) await saveItems(run, images, items);
        else previous = await run.loadMapFrame();
      }
      const found = await inspector.run(images, items, { latents: true });
      const framed = projectFrame(found.latents!, items.length, latent.size, previous, seed);
      await run.saveMapFrame({ step, ...framed, metrics: itemMetrics(found) });
      previous = framed;
      if (latent.kind === 'codes' && found.codes) {
        const cells = latent.height * latent.width;
        const rows = [...items.keys()].filter((i) => training.has(items[i]));
        const codes = new Int32Array(rows.length * cells);
        rows.forEach((row, i) => codes.set(found.codes!.subarray(row * cells, (row + 1) * cells), i * cells));
        if (rows.length > 0) views.frequencies = countCodes(codes, latent);
      }
      return true;
    },
    dispose: () => sampler?.dispose(),
  };
  return views;
}

/** Up to half of them held out, the others from training; fewer where latents are long. */
export function mapItems(images: ImageSet, latentSize: number): Int32Array {
  const most = Math.max(64, Math.min(MAP_ITEMS, Math.floor(MAP_NUMBERS / latentSize)));
  const { train, validation, test } = images.split;
  const out = [...validation, ...test].slice(0, Math.max(most >> 1, most - train.length));
  return Int32Array.from([...out, ...train.slice(0, most - out.length)]);
}

async function saveItems(run: RunFolder, images: ImageSet, items: Int32Array): Promise<void> {
  const { height, width, channels } = images;
  const frames = images.clip?.frames ?? 1;
  const thumbnails: Sheet[] = [];
  for (let from = 0; from < items.length; from += THUMBNAILS_A_SHEET) {
    const part = items.subarray(from, from + THUMBNAILS_A_SHEET);
    const small: { pixels: Uint8Array; height: number; width: number }[] = [];
    for (let i = 0; i < part.length; i += 64) {
      const some = part.subarray(i, i + 64);
      small.push(shrink(middleFrames(await images.read(some), some.length, frames), some.length, height / frames, width, channels, THUMBNAIL));
    }
    const pixels = new Uint8Array(small.reduce((n, s) => n + s.pixels.length, 0));
    let at = 0;
    for (const s of small) {
      pixels.set(s.pixels, at);
      at += s.pixels.length;
    }
    thumbnails.push(await encodeSheet(pixels, part.length, small[0].height, small[0].width, channels, { columns: 32 }));
  }
  await run.saveMapItems({
    classes: [...images.classes],
    labels: Int32Array.from(items, (i) => images.labels[i] ?? -1),
    names: Array.from(items, (i) => images.itemName(i)),
    items,
    thumbnails,
  });
}
