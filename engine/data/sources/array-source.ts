import sharp from 'sharp';
import type { DatasetInfo } from '../../../electron/contract/index.ts';
import { squareUp, type Fit } from '../../image/index.ts';
import type { ImageSource, Rendered, Skipped, SourceItem } from '../source.ts';

/** Equal pictures that lie ready as bytes: idx, CIFAR, npz, or another dataset. */
export interface ArrayPictures {
  format: DatasetInfo['format'];
  name: string;
  source: string;
  identity: string;
  classes: readonly string[];
  items: readonly SourceItem[];
  height: number;
  width: number;
  channels: 1 | 3 | 4;
  skipped?: readonly Skipped[];
  warnings?: readonly string[];
  /** Bytes of one item [H, W, C]. @throws AtelierError 'bad-data' to leave it out */
  pixels(index: number): Uint8Array | Promise<Uint8Array>;
  close?(): Promise<void>;
}

export function arraySource(a: ArrayPictures): ImageSource {
  const square = a.height === a.width;
  return {
    format: a.format,
    name: a.name,
    source: a.source,
    identity: a.identity,
    classes: a.classes,
    items: a.items,
    skipped: a.skipped ?? [],
    warnings: a.warnings ?? [],
    natural: async () => ({ size: Math.min(1024, Math.max(8, Math.min(a.height, a.width))), channels: a.channels }),
    async render(index: number, fit: Fit): Promise<Rendered> {
      const pixels = await a.pixels(index);
      const enlarged = Math.min(a.height, a.width) < fit.size;
      if (square && a.height === fit.size && a.channels === fit.channels) return { pixels, enlarged };
      const picture = sharp(pixels, { raw: { width: a.width, height: a.height, channels: a.channels } });
      return { pixels: await squareUp(picture, fit), enlarged };
    },
    close: a.close ?? (async () => {}),
  };
}
