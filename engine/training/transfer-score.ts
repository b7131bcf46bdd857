import type { TransferFigures, TransferScore } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import type { Device } from '../device/types.ts';
import { meanSquaredError, psnrDb, ssim } from '../metrics/index.ts';
import { kmeans } from '../nn/kmeans.ts';
import { trainClassifier } from './classifier.ts';
import { trainLikeness } from './likeness-judge.ts';
import { nameWithinClass } from './partners.ts';
import type { Trained } from './types.ts';

const NEAREST = 5;
const PALETTE = 32;
/** Pixels of the target style that its palette is found from. */
const PALETTE_PIXELS = 8192;

/**
 * Puts held-out pictures into every other style and compares with the true picture of the same name there, beside the untouched source
 * and the source in the colours of the target style. Both judges learn from training items alone.
 * @param options.limit at most so many names @param options.judgeSteps unset: enough for pictures of 64 px
 * @throws AtelierError 'bad-data' where no held-out name is in two styles
 */
export async function scoreTransfer(trained: Trained, images: ImageSet, device: Device, options: { limit?: number; judgeSteps?: number; onProgress?: (fraction: number, message: string) => void } = {}): Promise<TransferScore> {
  const { limit = Infinity, judgeSteps: steps, onProgress = () => {} } = options;
  const began = performance.now();
  const styles = [...trained.info.data.classes];
  const { height, width, channels } = trained.model.input;
  const shape = { height, width, channels };
  const size = height * width * channels;
  const held = heldOutByName(images, limit);
  if (held.size < 2) throw new AtelierError('bad-data', `No two held-out pictures of "${images.name}" are of the same name in different styles, so there is nothing to compare with.`, 'Score a run whose data has files of the same names in its style folders.');

  onProgress(0, 'Training the judge of styles');
  const judge = await trainClassifier(images, device, { steps: steps ?? 600, onProgress: (done) => onProgress(0.3 * done, 'Training the judge of styles') });
  const eye = await trainLikeness(images, device, { ...(steps ? { steps } : {}), onProgress: (done) => onProgress(0.3 + 0.3 * done, 'Training the judge of content') });
  try {
    /** For each style: its held-out pictures and what they look like to the judge of content. */
    const truth: { names: string[]; pixels: Float32Array; looks: Float32Array; style: number }[] = [];
    for (const style of styles.keys()) {
      const names = [...held].filter(([, items]) => items[style] !== undefined);
      const pixels = Float32Array.from(await images.read(names.map(([, items]) => items[style]!)));
      truth.push({ names: names.map(([name]) => name), pixels, looks: await eye.look(pixels), style });
    }
    let right = 0;
    let seen = 0;
    for (const { pixels, style } of truth) {
      const found = (await judge.look(pixels)).classes;
      seen += found.length;
      right += found.reduce((n, f) => n + (f === style ? 1 : 0), 0);
    }
    const all = { source: tally(), palette: tally(), transfer: tally() };
    let done = 0;
    for (const target of truth) {
      const palette = await paletteOf(images, target.style);
      for (const source of truth) {
        onProgress(0.6 + (0.4 * done++) / truth.length ** 2, `Drawing ${styles[source.style]} as ${styles[target.style]}`);
        if (source === target) continue;
        const rows = source.names.map((name, i) => ({ i, at: target.names.indexOf(name) })).filter(({ at }) => at >= 0);
        if (rows.length === 0) continue;
        const given = new Float32Array(rows.length * size);
        rows.forEach(({ i }, row) => given.set(source.pixels.subarray(i * size, (i + 1) * size), row * size));
        const asked = styles.map((_, s) => (s === target.style ? 1 : 0));
        const made = { source: given, palette: inPalette(given, channels, palette), transfer: await trained.restyle(await trained.encodeCodes(given), asked) };
        for (const what of ['source', 'palette', 'transfer'] as const) {
          const pixels = made[what];
          const judged = (await judge.look(pixels)).classes;
          const looks = await eye.look(pixels);
          rows.forEach(({ at }, row) => {
            const one = pixels.subarray(row * size, (row + 1) * size);
            const wanted = target.pixels.subarray(at * size, (at + 1) * size);
            const mse = meanSquaredError(one, wanted);
            const apart = (i: number) => meanSquaredError(one, target.pixels.subarray(i * size, (i + 1) * size));
            const unlike = (i: number) => meanSquaredError(looks.subarray(row * eye.size, (row + 1) * eye.size), target.looks.subarray(i * eye.size, (i + 1) * eye.size));
            const t = all[what];
            t.n++;
            t.judged += judged[row] === target.style ? 1 : 0;
            t.mse += mse;
            t.ssim += ssim(one, wanted, shape);
            t.near += isAmong(at, target.names.length, apart) ? 1 : 0;
            t.alike += isAmong(at, target.names.length, unlike) ? 1 : 0;
          });
        }
      }
    }
    const leak = (await trained.embed(images, [...held.values()].flat().filter((item) => item !== undefined))).metrics.styleLeak;
    return {
      styles, names: held.size, transfers: all.transfer.n, step: trained.step,
      judgeAccuracy: right / seen,
      styleLeak: leak.reduce((a, b) => a + b, 0) / leak.length,
      source: figuresOf(all.source), palette: figuresOf(all.palette), transfer: figuresOf(all.transfer),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    judge.dispose();
    eye.dispose();
  }
}

const tally = () => ({ n: 0, judged: 0, mse: 0, ssim: 0, near: 0, alike: 0 });

const figuresOf = ({ n, judged, mse, ssim: alikeness, near, alike }: ReturnType<typeof tally>): TransferFigures => ({
  judgedAsTarget: judged / n, psnrDb: psnrDb(mse / n), ssim: alikeness / n, amongNearest5: near / n, amongNearest5ByFeatures: alike / n,
});

/** Items of each held-out name (test, else validation) by style, where there are at least two. */
function heldOutByName(images: ImageSet, limit: number): Map<string, (number | undefined)[]> {
  const items = images.split.test.length ? images.split.test : images.split.validation;
  const found = new Map<string, (number | undefined)[]>();
  for (const item of items) {
    if (images.labels[item] < 0) continue;
    const name = nameWithinClass(images, item);
    const entry = found.get(name) ?? new Array<number | undefined>(images.classes.length).fill(undefined);
    entry[images.labels[item]] = item;
    found.set(name, entry);
  }
  return new Map([...found].filter(([, entry]) => entry.filter((item) => item !== undefined).length > 1).slice(0, limit));
}

/** Whether fewer than `NEAREST` others are nearer than the one at `at`. */
function isAmong(at: number, count: number, distance: (i: number) => number): boolean {
  const own = distance(at);
  let nearer = 0;
  for (let i = 0; i < count; i++) if (i !== at && distance(i) < own) nearer++;
  return nearer < NEAREST;
}

/** Colours of a style's training pictures, `[PALETTE, C]`. */
async function paletteOf(images: ImageSet, style: number): Promise<Float32Array> {
  const random = rng(0, 'palette', style);
  const { channels } = images;
  const items = random.shuffle(images.split.train.filter((i) => images.labels[i] === style)).subarray(0, 128);
  const pixels = await images.read(items);
  const points = new Float32Array(PALETTE_PIXELS * channels);
  for (let i = 0; i < PALETTE_PIXELS; i++) {
    const from = random.int(pixels.length / channels) * channels;
    points.set(pixels.subarray(from, from + channels), i * channels);
  }
  return kmeans(points, channels, PALETTE, 8, random).centres;
}

/** Each pixel as the nearest colour of a palette: what can be had without a model. */
function inPalette(pixels: Float32Array, channels: number, palette: Float32Array): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += channels) {
    let least = Infinity;
    let best = 0;
    for (let p = 0; p < palette.length; p += channels) {
      let apart = 0;
      for (let c = 0; c < channels; c++) apart += (pixels[at + c] - palette[p + c]) ** 2;
      if (apart < least) [least, best] = [apart, p];
    }
    for (let c = 0; c < channels; c++) out[at + c] = palette[best + c];
  }
  return out;
}
