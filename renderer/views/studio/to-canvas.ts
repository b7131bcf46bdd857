import type { GalleryItem } from '../../../electron/contract/index.ts';
import { freshCanvas } from '../../services/canvas-model.ts';
import { gallery } from '../../state/gallery.svelte.ts';
import { restyling } from '../../state/restyling.svelte.ts';
import { studio } from '../../state/studio.svelte.ts';

/** Puts a picture of the gallery on the canvas, or before the styles: by its codes where they are known and mean the same still, else by encoding it. */
export async function toCanvas(item: GalleryItem): Promise<void> {
  const { recipe } = item;
  const picture = await gallery.picture(item.id);
  const title = recipe?.label ?? 'Picture';
  if (studio.mode === 'style') {
    if (picture) await restyling.take({ bytes: picture.bytes, title });
    return;
  }
  if (recipe?.canvas) {
    if (studio.canvas?.fingerprint !== recipe.fingerprint && studio.candidates.some(({ run }) => run === recipe.run)) await studio.open(recipe.run);
    if (studio.canvas?.fingerprint === recipe.fingerprint) {
      const { rows, columns, codes } = recipe.canvas;
      studio.begin(freshCanvas(rows, columns, Int32Array.from(codes)), { title, label: recipe.label, original: picture, picture });
      return;
    }
  }
  if (picture) await studio.take({ bytes: picture.bytes }, title);
}
