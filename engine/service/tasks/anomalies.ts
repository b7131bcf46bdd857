import { openImages } from '../../data/index.ts';
import { encodeSheet } from '../../image/index.ts';
import { openRunData } from '../open-data.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { heard } from './heard.ts';
import { withTrained } from './with-trained.ts';

/** Items shown as pictures. */
const SHOWN = 64;
const COLUMNS = 8;

/** Which pictures a run finds strange; see `findAnomalies`. */
export const anomalies: TaskFunction<'anomalies'> = ({ run, score, falsePositives, anomalousClasses, data, limit, step }, { log, signal, progress }) =>
  withTrained(run, step, log, async ({ folder, trained }) => {
    const images = await openRunData(folder, log);
    const { width, height, channels } = images;
    const strangers = data === undefined ? null : await openImages(data, { size: width, channels });
    const eta = remaining();
    try {
      const { findAnomalies } = await import('../../training/index.ts');
      const found = await findAnomalies(trained, images, {
        score, falsePositives, anomalousClasses, strangers, limit,
        onProgress: (fraction) => heard(signal) || progress({ progress: fraction, etaSec: eta(fraction), message: 'Looking for the strange' }),
      });
      const shown = found.items.slice(0, SHOWN);
      const size = width * height * channels;
      const pixels = new Float32Array(shown.length * size);
      for (const [i, item] of shown.entries()) pixels.set(await (item.stranger ? strangers! : images).read([item.index]), i * size);
      return { ...found, strangest: await encodeSheet(pixels, shown.length, height, width, channels, { columns: COLUMNS }) };
    } finally {
      await strangers?.close();
      await images.close();
    }
  });
