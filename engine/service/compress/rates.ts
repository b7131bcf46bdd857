/** Pictures as JPEG and WebP files at many qualities, and comparison of curves of rate against distortion. */
import sharp from 'sharp';
import type { RatePoint } from '../../../electron/contract/compress.ts';
import { toBytes, toFloats } from '../../image/index.ts';
import { meanSquaredError, psnrDb } from '../../metrics/index.ts';

const QUALITIES = [1, 3, 6, 10, 16, 24, 35, 50, 65, 80, 90, 96];

/** @param pixels `[N, H, W, C]` in [0, 1] @returns a point a quality, ascending */
export async function codecCurve(kind: 'jpeg' | 'webp', pixels: Float32Array, count: number, { height, width, channels }: { height: number; width: number; channels: number }): Promise<RatePoint[]> {
  const size = height * width * channels;
  const raw = { raw: { width, height, channels: channels as 1 | 3 | 4 } };
  const points: RatePoint[] = [];
  for (const quality of QUALITIES) {
    let [bytes, bare, mse] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const original = pixels.subarray(i * size, (i + 1) * size);
      const picture = sharp(toBytes(original), raw);
      const file = await (kind === 'jpeg' ? picture.jpeg({ quality, mozjpeg: true }) : picture.webp({ quality, effort: 6 })).toBuffer();
      bytes += file.length;
      bare += kind === 'jpeg' ? scanBytes(file) : 0;
      const decoded = sharp(file);
      const back = await (channels === 1 ? decoded.toColourspace('b-w') : channels === 4 ? decoded.ensureAlpha() : decoded.removeAlpha().toColourspace('srgb')).raw().toBuffer();
      mse += meanSquaredError(original, toFloats(back)) / count;
    }
    const per = count * height * width;
    points.push({ quality, bitsPerPixel: (8 * bytes) / per, psnrDb: psnrDb(Math.max(mse, 1e-10)), ...(kind === 'jpeg' ? { bareBitsPerPixel: (8 * bare) / per } : {}) });
  }
  return points;
}

/** Bytes of a JPEG file's entropy-coded data, without headers and tables. */
export function scanBytes(file: Uint8Array): number {
  let total = 0;
  let at = 2;
  while (at + 4 <= file.length && file[at] === 0xff && file[at + 1] !== 0xd9) {
    const scan = file[at + 1] === 0xda;
    at += 2 + file[at + 2] * 256 + file[at + 3];
    if (!scan) continue;
    const from = at;
    while (at + 1 < file.length && !(file[at] === 0xff && file[at + 1] !== 0 && !(file[at + 1] >= 0xd0 && file[at + 1] <= 0xd7))) at++;
    total += at - from;
  }
  return total;
}

/** Bits per pixel that a curve takes for a PSNR, between its points by the logarithm of the rate; null outside. */
export function rateAt(curve: readonly RatePoint[], wantedDb: number, rate: (p: RatePoint) => number = (p) => p.bitsPerPixel): number | null {
  const points = [...curve].sort((a, b) => a.psnrDb - b.psnrDb);
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    if (wantedDb < a.psnrDb || wantedDb > b.psnrDb) continue;
    const share = b.psnrDb === a.psnrDb ? 0 : (wantedDb - a.psnrDb) / (b.psnrDb - a.psnrDb);
    return Math.exp((1 - share) * Math.log(rate(a)) + share * Math.log(rate(b)));
  }
  return null;
}
