/** What each stage of the guided path does. All leave plain files behind and may be done again after a crash. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import type { ImageSet } from '../../core/image-set.ts';
import type { Logger } from '../../core/log.ts';
import type { Device } from '../../device/types.ts';
import { encodePicture, encodeSheet, filmOfStrips } from '../../image/index.ts';
import { stageTitles, type PipelineFolder } from '../../store/pipeline-folder.ts';
import { createRun, openRun } from '../../store/run-folder.ts';
import { createPriorRun, openTrained, planRun, startTraining, trainPrior, type TrainingControl, type TrainingProgress } from '../../training/index.ts';

export interface Bench {
  path: PipelineFolder;
  images: ImageSet;
  device: Device;
  control: TrainingControl;
  log: Logger;
  onProgress(progress: TrainingProgress): void;
}

/** A class each, up to so many columns. */
const MOST_COLUMNS = 32;

/** Trains the codec, or goes on with it. @returns whether it is done; if not it was told to stop */
export async function trainCodec({ path, images, device, control, log, onProgress }: Bench): Promise<boolean> {
  const { record } = path;
  if (!record.made.codec) {
    await rm(path.codecRun, { recursive: true, force: true }); // half made
    const request = { ...record.codec, seed: record.seed, name: `${record.name}: codec` };
    await createRun(path.codecRun, planRun(request, images, device.report.id, path.codecRun));
    await path.update({ made: { ...record.made, codec: true } });
  }
  const run = await openRun(path.codecRun, { log });
  if (run.info.status === 'finished') return true;
  return (await startTraining({ run, images, device, control, log, onProgress })).status === 'finished';
}

/** Writes the pictures as codes and trains the prior, or goes on with it. */
export async function trainOverCodes({ path, images, device, control, log, onProgress }: Bench): Promise<boolean> {
  const { record } = path;
  if (!record.made.prior) {
    await rm(path.priorRun, { recursive: true, force: true });
    const codec = await openRun(path.codecRun, { log });
    await createPriorRun(codec, { ...record.prior, seed: record.seed, name: `${record.name}: prior` }, device.report.id, path.priorRun);
    await path.update({ made: { ...record.made, prior: true } });
  }
  const run = await openRun(path.priorRun, { log });
  if (run.info.status === 'finished') return true;
  return (await trainPrior({ run, images, device, control, log, onProgress })).status === 'finished';
}

/** Draws samples: one sheet, and each picture as a file. */
export async function drawSamples({ path, images, device, log }: Bench): Promise<void> {
  const { record } = path;
  const trained = await openTrained(await openRun(path.priorRun, { log }), device);
  try {
    const classes = trained.prior?.conditional ? images.classes.length : 0;
    const count = classes > 1 && classes <= record.samples ? Math.floor(record.samples / classes) * classes : record.samples;
    const { images: pixels, note, columns } = await trained.sample(count, { seed: record.seed });
    const { height, width, channels } = trained.model.input;
    const depth = channels as 1 | 3 | 4;
    const options = columns !== undefined && columns > 1 && columns <= MOST_COLUMNS ? { columns } : {};
    const sheet = await path.saveSamples(await encodeSheet(pixels, count, height, width, depth, { mime: 'image/png', ...options }));
    const size = height * width * channels;
    const { clip } = images;
    for (let i = 0; i < count; i++) {
      const name = join(path.folder, 'samples', String(i + 1).padStart(3, '0'));
      if (clip) {
        const strip = await encodeSheet(pixels.subarray(i * size, (i + 1) * size), 1, height, width, depth, { mime: 'image/png' });
        await writeFileAtomic(`${name}.webp`, await filmOfStrips([strip], clip.frames, { format: 'webp', framesPerSecond: clip.framesPerSecond }));
        continue;
      }
      const picture = await encodePicture(pixels.subarray(i * size, (i + 1) * size), height, width, depth, { mime: 'image/png' });
      await writeFileAtomic(`${name}.png`, picture.bytes);
    }
    await path.update({ sheet, samplesNote: note });
  } finally {
    trained.dispose();
  }
}

/** Measures codec and prior on held-out pictures, and writes `report.json`. */
export async function evaluateBoth({ path, images, device, log, onProgress }: Bench): Promise<void> {
  const split = images.split.test.length ? 'test' : images.split.validation.length ? 'validation' : 'train';
  const measure = async (folder: string, from: number) => {
    const trained = await openTrained(await openRun(folder, { log }), device);
    try {
      return await trained.evaluate(images, {
        split,
        onProgress: (done) => onProgress({ step: 0, steps: 0, progress: from + done / 2, etaSec: null, elapsedSec: 0, message: stageTitles.evaluation }),
      });
    } finally {
      trained.dispose();
    }
  };
  const codec = await measure(path.codecRun, 0);
  const prior = await measure(path.priorRun, 0.5);
  const evaluation = { split, items: codec.items, codec: codec.metrics, prior: prior.metrics };
  const { name, data, choices, device: on, seed, minutes } = path.record;
  await writeFileAtomic(join(path.folder, 'report.json'), `${JSON.stringify({ name, data, device: on, seed, minutes, choices, ...evaluation }, null, 2)}\n`);
  await path.update({ evaluation });
}
