import type { DatasetInfo } from '../../electron/contract/index.ts';
import type { ClipSpec } from '../core/image-set.ts';
import type { Fit } from '../image/index.ts';

export type SplitName = 'train' | 'validation' | 'test';

/** One item of a source, before any pixel is read. */
export interface SourceItem {
  /** Stable and readable: a path below the source, or an index. */
  name: string;
  /** Index into `classes`, -1 unknown. */
  label: number;
  /** Items of one group never straddle splits; unset: each for itself. */
  group?: string;
  /** Set where the source itself says which items are held out; others are dealt. */
  split?: SplitName;
}

export interface Skipped {
  path: string;
  reason: string;
}

/** Where pictures come from: a folder, an idx pair, ... Nothing is decoded until `render`. */
export interface ImageSource {
  readonly format: DatasetInfo['format'];
  readonly name: string;
  /** For people: where it is. */
  readonly source: string;
  /** Changes when the content may have changed: paths, sizes, times. */
  readonly identity: string;
  readonly classes: readonly string[];
  readonly items: readonly SourceItem[];
  /** Known to be unreadable before rendering. */
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly string[];
  /** For clips: `render` then gives strips [T * size, size, C]. */
  readonly clip?: ClipSpec;
  /**
   * Side and channels that lose nothing, if all items are alike; else a sensible default. May have to look into every file.
   * @param sizeKnown the side is not asked for: a sample of the files will do
   */
  natural(sizeKnown: boolean): Promise<Natural>;
  /**
   * Pixels of one item [size, size, C].
   * @throws AtelierError 'bad-data' when this item cannot be read (it is then skipped); anything else stops the import
   */
  render(index: number, fit: Fit): Promise<Rendered>;
  close(): Promise<void>;
}

export interface Natural {
  size: number;
  channels: 1 | 3 | 4;
}

export interface Rendered {
  pixels: Uint8Array;
  /** The picture was smaller than the size asked for. */
  enlarged: boolean;
}

export const DEFAULT_SIZE = 64;
