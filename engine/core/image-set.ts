/** How each item of a set was made, where that is known: what disentanglement is measured against. */
export interface Factors {
  readonly names: readonly string[];
  /** Number of values of each factor. [F] */
  readonly sizes: readonly number[];
  /** The values of an item, each a whole number below its factor's size. [F] */
  of(index: number): ArrayLike<number>;
}

/** How pictures are clips: each is a strip of frames, one below another. */
export interface ClipSpec {
  /** T, which divides the height. */
  readonly frames: number;
  readonly framesPerSecond: number;
}

/** A set of images ready for training: every item has the same size and number of channels. Implemented in `engine/data`. */
export interface ImageSet {
  /** `builtin:emoji`, or the absolute path of a dataset folder; opens the set again. */
  readonly ref: string;
  readonly name: string;
  /** Changes when items, order, size, channels or split change; runs remember it. */
  readonly fingerprint: string;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  readonly count: number;
  /** Names of the classes; empty when the set has no labels. */
  readonly classes: readonly string[];
  /** Class of each item, -1 where unknown. [N] */
  readonly labels: Int32Array;
  /** For sets of clips. */
  readonly clip?: ClipSpec;
  /** Known of generated sets only. */
  readonly factors?: Factors;
  /** A stable, human-readable name of each item (a path below the source, or an index). */
  itemName(index: number): string;
  /** Item indices per split, seeded; items of one group (the same emoji in three styles) never straddle splits. */
  readonly split: { readonly train: Int32Array; readonly validation: Int32Array; readonly test: Int32Array };
  /**
   * Reads items as floats in [0, 1].
   * @param indices [B]
   * @param out optional, of B*H*W*C floats
   * @returns [B, H, W, C], row-major
   */
  read(indices: ArrayLike<number>, out?: Float32Array): Promise<Float32Array>;
  /** Says which items will be read next, so that they are fetched from disk meanwhile. Returns at once and never fails. */
  prefetch?(indices: ArrayLike<number>): void;
  close(): Promise<void>;
}

/** The same set but for what is changed; a spread would lose the methods of a class. */
export function changed(images: ImageSet, changes: Partial<ImageSet>): ImageSet {
  const { ref, name, fingerprint, height, width, channels, count, classes, labels, factors, split } = images;
  return {
    ref, name, fingerprint, height, width, channels, count, classes, labels, factors, split,
    itemName: (index) => images.itemName(index),
    read: (indices, out) => images.read(indices, out),
    prefetch: (indices) => images.prefetch?.(indices),
    close: () => images.close(),
    ...changes,
  };
}
