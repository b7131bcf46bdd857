import type { RateDistortion, RatePoint } from '../../../electron/contract/compress.ts';
import { AtelierError } from '../../core/errors.ts';
import { meanSquaredError, psnrDb } from '../../metrics/index.ts';
import { openRunData } from '../open-data.ts';
import { remaining } from '../remaining.ts';
import { heard } from '../tasks/heard.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { encodeContainer } from './container.ts';
import { codecCurve, rateAt } from './rates.ts';
import { completed, withPacker } from './with-packer.ts';

/** Rate against distortion of one prior and others, with each number of grids, beside JPEG and WebP. */
export const rateDistortion: TaskFunction<'rateDistortion'> = async ({ run, also, split, limit }, { log, signal, progress }) => {
  const runs = [run, ...also];
  const eta = remaining();
  const say = (done: number, message: string) => heard(signal) || progress({ progress: done, etaSec: eta(done), message });
  let pixels: Float32Array | undefined;
  let shape: { height: number; width: number; channels: number } | undefined;
  let count = 0;
  let data = '';
  const ours: RateDistortion['ours'] = [];
  for (const [r, path] of runs.entries()) {
    await withPacker(path, log, async (opened) => {
      const { folder, trained, prior } = opened;
      const images = await openRunData(folder, log);
      try {
        if (!pixels) {
          const items = images.split[split].slice(0, limit);
          if (items.length === 0) throw new AtelierError('bad-input', `"${images.name}" has no items in its ${split} split.`, 'Choose another split.');
          pixels = Float32Array.from(await images.read(items));
          count = items.length;
          shape = trained.model.input;
          data = images.fingerprint;
        } else if (images.fingerprint !== data) throw new AtelierError('bad-input', `"${trained.info.name}" was trained on other data than the first run.`, 'Compare priors on the same data.');
      } finally {
        await images.close();
      }
      const { height, width } = shape!;
      const codes = await trained.encodeCodes(pixels);
      const { levels } = prior.model;
      for (let grids = levels.length; grids >= 1; grids--) {
        const { bytes, estimatedBits } = await prior.pack(codes, { grids, onProgress: (done) => say((0.8 * (r + (levels.length - grids + done) / levels.length)) / runs.length, `Compressing with "${trained.info.name}"`) });
        const file = encodeContainer({ model: trained.fingerprint, prior: prior.fingerprint, grids, writtenBy: trained.info.name, names: Array.from({ length: count }, () => ''), stream: bytes });
        const shown = await trained.decodeCodes(await completed(opened, codes, grids));
        ours.push({
          run: path, name: trained.info.name, grids: levels.slice(0, grids).map(({ grid }) => grid.name),
          bitsPerPixel: (8 * file.length) / (count * height * width),
          estimatedBitsPerPixel: estimatedBits.reduce((a, b) => a + b, 0) / (count * height * width),
          psnrDb: psnrDb(Math.max(meanSquaredError(pixels, shown), 1e-10)),
          jpeg: null, bareJpeg: null, webp: null,
        });
      }
    });
  }
  say(0.8, 'Writing JPEG files');
  const jpeg = await codecCurve('jpeg', pixels!, count, shape!);
  say(0.9, 'Writing WebP files');
  const webp = await codecCurve('webp', pixels!, count, shape!);
  ours.sort((a, b) => a.bitsPerPixel - b.bitsPerPixel);
  for (const point of ours) {
    point.jpeg = rateAt(jpeg, point.psnrDb);
    point.bareJpeg = rateAt(jpeg, point.psnrDb, (p) => p.bareBitsPerPixel!);
    point.webp = rateAt(webp, point.psnrDb);
  }
  return { items: count, pixels: count * shape!.height * shape!.width, split, ours, jpeg, webp, verdict: [...verdictOn(ours, 'jpeg', jpeg), ...verdictOn(ours, 'webp', webp)] };
};

const TITLE = { jpeg: 'JPEG', webp: 'WebP' } as const;
const times = (n: number) => `${n.toFixed(n < 10 ? 2 : 0)} times`;

/** Sentences on our points against one curve. */
export function verdictOn(ours: RateDistortion['ours'], kind: 'jpeg' | 'webp', curve: readonly RatePoint[]): string[] {
  const name = TITLE[kind];
  const lowest = curve.reduce((a, b) => (b.bitsPerPixel < a.bitsPerPixel ? b : a));
  const out: string[] = [];
  let before: { point: RatePoint; gain: number } | null = null;
  for (const point of ours) {
    const other = point[kind];
    const here = `At ${point.psnrDb.toFixed(1)} dB ours takes ${point.bitsPerPixel.toFixed(4)} bits a pixel`;
    if (other === null) {
      const beyond = point.psnrDb < lowest.psnrDb;
      out.push(beyond ? `${here}; ${name} does not go so low: its smallest files take ${lowest.bitsPerPixel.toFixed(4)} at ${lowest.psnrDb.toFixed(1)} dB.` : `${here}; ${name} was not tried at so high a quality.`);
      continue;
    }
    const bare = kind === 'jpeg' && point.bareJpeg !== null ? ` (${point.bareJpeg.toFixed(4)} without its headers)` : '';
    const gain = other / point.bitsPerPixel;
    out.push(`${here} and ${name} ${other.toFixed(4)}${bare}: ${gain >= 1 ? `${name}'s files are ${times(gain)} as large` : `ours are ${times(1 / gain)} as large`}.`);
    if (before && before.gain >= 1 !== gain >= 1) {
      const share = Math.log(before.gain) / (Math.log(before.gain) - Math.log(gain));
      const rate = Math.exp((1 - share) * Math.log(before.point.bitsPerPixel) + share * Math.log(point.bitsPerPixel));
      out.push(`The crossover with ${name} lies at about ${rate.toFixed(3)} bits a pixel.`);
    }
    before = { point, gain };
  }
  const last = ours[ours.length - 1];
  if (before?.point === last && before.gain >= 1) out.push(`Above ${last.psnrDb.toFixed(1)} dB this model has nothing to offer; ${name} goes on from there.`);
  return out;
}
