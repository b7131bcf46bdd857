import type { ImageSet } from '../core/image-set.ts';
import type { PriorModel } from '../priors/index.ts';

/** The codes of a set's items as "pictures" of one channel whose values are the codes: what a prior is trained on. @param codes `[N, cells]` */
export function codeSet(images: ImageSet, codes: Int32Array, { cells, input: { height, width } }: Pick<PriorModel, 'cells' | 'input'>): ImageSet {
  const { ref, name, fingerprint, count, classes, labels, split } = images;
  return {
    ref, name, fingerprint, count, classes, labels, split, height, width,
    channels: 1,
    itemName: (index) => images.itemName(index),
    async read(indices, out = new Float32Array(indices.length * cells)) {
      for (let i = 0; i < indices.length; i++) {
        const from = indices[i] * cells;
        for (let c = 0; c < cells; c++) out[i * cells + c] = codes[from + c];
      }
      return out;
    },
    close: async () => {},
  };
}
