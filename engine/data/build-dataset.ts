import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { recordText } from '../core/record-file.ts';
import type { Fit } from '../image/index.ts';
import { DATASET_FILE, DATASET_FORMAT, ITEMS_FILE, ITEMS_FORMAT, PIXELS_FILE, splitLetter, type DatasetRecord } from './dataset.ts';
import { countClasses, warningsFor } from './report.ts';
import type { ImageSource, Skipped } from './source.ts';
import { dealSplits, splitIndices } from './split.ts';

/** The part of an AbortSignal that is used. */
export interface Stop {
  readonly aborted: boolean;
}

export interface BuildOptions extends Fit {
  seed: number;
  name?: string;
  signal?: Stop;
  /** Items done of all, a few times a second. */
  onProgress?: (done: number, total: number) => void;
}

const AT_ONCE = 4;
const CHUNK_ITEMS = 64;
const NAMED_SKIPPED = 100;
const PROGRESS_MS = 100;

/**
 * Renders a source into a dataset folder. The folder appears whole at the end or not at all; items that cannot be read are
 * left out, counted and named.
 * @param folder must not exist
 * @throws AtelierError 'bad-data' when no item can be read, 'cancelled', 'disk-full' | 'no-permission'
 */
export async function buildDataset(source: ImageSource, folder: string, options: BuildOptions): Promise<void> {
  const partial = join(dirname(folder), `.${randomBytes(6).toString('hex')}.partial`);
  const doing = `importing ${source.source}`;
  try {
    await mkdir(partial, { recursive: true });
    await sweep(dirname(folder));
    const { kept, skipped, enlarged, hash } = await renderAll(source, join(partial, PIXELS_FILE), options);
    if (kept.length === 0) {
      const first = skipped[0] ? ` The first: ${skipped[0].reason}` : '';
      throw new AtelierError('bad-data', `None of the ${skipped.length} pictures in ${source.source} could be read.${first}`, 'Choose a folder or file with readable pictures.');
    }
    const items = kept.map((i) => source.items[i]);
    const splits = dealSplits(items, options.seed);
    const labels = items.map((item) => item.label);
    const classes = countClasses(source.classes, labels);
    const { train, validation, test } = splitIndices(splits);
    const itemsText = recordText(ITEMS_FORMAT, { names: items.map((item) => item.name), labels, splits: splits.map(splitLetter).join('') });
    hash.update(itemsText).update(`${options.size} ${options.channels} ${source.classes.join('\n')}`);
    const record: DatasetRecord = {
      name: options.name ?? source.name,
      source: source.source,
      format: source.format,
      count: kept.length,
      width: options.size,
      height: options.size * (source.clip?.frames ?? 1),
      channels: options.channels,
      ...(source.clip ? { clip: source.clip } : {}),
      classes,
      split: { train: train.length, validation: validation.length, test: test.length },
      skipped: { total: skipped.length, files: skipped.slice(0, NAMED_SKIPPED) },
      warnings: [...source.warnings, ...warningsFor({ count: kept.length, classes, enlarged, skipped: skipped.length, size: options.size })],
      fingerprint: hash.digest('hex').slice(0, 32),
      builtin: source.format === 'builtin',
    };
    await writeFileAtomic(join(partial, ITEMS_FILE), itemsText, doing);
    await writeFileAtomic(join(partial, DATASET_FILE), recordText(DATASET_FORMAT, record), doing);
    await publish(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw toAtelierError(error, doing);
  }
}

/** Removes what imports left that were killed: half-made folders untouched for a day. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.endsWith('.partial')) continue;
    const { mtimeMs } = await stat(join(parent, name));
    if (Date.now() - mtimeMs > 86_400_000) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Renames into place; when another process was quicker with the same set, that one stays. */
async function publish(partial: string, folder: string): Promise<void> {
  try {
    await rename(partial, folder);
  } catch (error) {
    const there = await access(join(folder, DATASET_FILE)).then(() => true, () => false);
    if (!there) throw error;
    await rm(partial, { recursive: true, force: true });
  }
}

async function renderAll(source: ImageSource, path: string, options: BuildOptions) {
  const total = source.items.length;
  const itemBytes = options.size * options.size * options.channels * (source.clip?.frames ?? 1);
  const skipped: Skipped[] = [...source.skipped];
  const kept: number[] = [];
  const hash = createHash('sha256');
  const { size, fit, channels } = options;
  let enlarged = 0;
  let reported = 0;
  const file = await open(path, 'w');
  try {
    for (let from = 0; from < total; from += CHUNK_ITEMS) {
      if (options.signal?.aborted) throw new AtelierError('cancelled', 'The import was cancelled; nothing was kept.', 'Start it again when you like.');
      const count = Math.min(CHUNK_ITEMS, total - from);
      const rendered = await inParallel(count, async (i) => {
        try {
          return await source.render(from + i, { size, fit, channels });
        } catch (error) {
          if (!(error instanceof AtelierError) || !['bad-data', 'not-found', 'no-permission'].includes(error.code)) throw error;
          return error;
        }
      });
      const good = Buffer.alloc(count * itemBytes);
      let at = 0;
      rendered.forEach((result, i) => {
        if (result instanceof AtelierError) {
          skipped.push({ path: source.items[from + i].name, reason: result.message });
          return;
        }
        if (result.pixels.length !== itemBytes) throw new AtelierError('internal', `Item ${from + i} of ${source.source} has ${result.pixels.length} bytes instead of ${itemBytes}.`, 'This is a fault of the application.');
        good.set(result.pixels, at);
        at += itemBytes;
        kept.push(from + i);
        if (result.enlarged) enlarged++;
      });
      const bytes = good.subarray(0, at);
      hash.update(bytes);
      let written = 0;
      while (written < at) written += (await file.write(bytes, written, at - written)).bytesWritten;
      if (options.onProgress && (performance.now() - reported > PROGRESS_MS || from + count === total)) {
        reported = performance.now();
        options.onProgress(from + count, total);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { kept, skipped, enlarged, hash };
}

async function inParallel<T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const out = new Array<T>(count);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const i = next++;
      out[i] = await work(i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, lane));
  return out;
}
