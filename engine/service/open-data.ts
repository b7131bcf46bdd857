import type { ImageSet } from '../core/image-set.ts';
import type { Logger } from '../core/log.ts';
import type { RunFolder } from '../store/run-folder.ts';

/** Opens the data that a run trains on, at the size it trains at; a set that changed since is named in a warning. */
export async function openRunData(run: RunFolder, log: Logger): Promise<ImageSet> {
  const { data } = run.info;
  const { openImages } = await import('../data/index.ts');
  const images = await openImages(data.ref, { size: data.width, channels: data.channels as 1 | 3 | 4 });
  if (images.fingerprint !== data.fingerprint) log.warn(`"${data.name}" is not as it was when "${run.info.name}" began; held-out items may have changed places.`);
  return images;
}
