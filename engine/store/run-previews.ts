import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPreview } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { toAtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { loadSheet, saveSheet, type SheetRecord } from './sheets.ts';

export type StoredPreview = Omit<RunPreview, 'step' | 'steps'>;

interface PreviewRecord {
  originals: SheetRecord;
  shown?: SheetRecord;
  reconstructions: SheetRecord;
  samples: SheetRecord | null;
  codeUsage: number[] | null;
  klPerDimension: number[] | null;
}

const FORMAT = 'latent-atelier-preview';
const folderOf = (folder: string, step: number): string => join(folder, String(step).padStart(8, '0'));

/** The pictures first, the record last: a folder with a record is whole. */
export async function savePreview(folder: string, step: number, preview: StoredPreview): Promise<void> {
  const here = folderOf(folder, step);
  const record: PreviewRecord = {
    originals: await saveSheet(here, 'originals', preview.originals),
    ...(preview.shown ? { shown: await saveSheet(here, 'shown', preview.shown) } : {}),
    reconstructions: await saveSheet(here, 'reconstructions', preview.reconstructions),
    samples: preview.samples ? await saveSheet(here, 'samples', preview.samples) : null,
    codeUsage: preview.codeUsage ? Array.from(preview.codeUsage) : null,
    klPerDimension: preview.klPerDimension ? Array.from(preview.klPerDimension) : null,
  };
  await writeFileAtomic(join(here, 'preview.json'), recordText(FORMAT, record));
}

/** Steps that have a whole preview, ascending. */
export async function listPreviewSteps(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw toAtelierError(error, `listing ${folder}`);
  }
  const steps: number[] = [];
  for (const name of names) {
    if (!/^\d{8,}$/.test(name)) continue;
    if ((await readdir(join(folder, name))).includes('preview.json')) steps.push(Number(name));
  }
  return steps.sort((a, b) => a - b);
}

export async function loadPreview(folder: string, step?: number): Promise<RunPreview | null> {
  const steps = await listPreviewSteps(folder);
  const chosen = step ?? steps.at(-1);
  if (chosen === undefined || !steps.includes(chosen)) return null;
  const here = folderOf(folder, chosen);
  const record = await readRecord<PreviewRecord>(join(here, 'preview.json'), FORMAT, 'a preview');
  return {
    step: chosen,
    steps,
    originals: await loadSheet(here, record.originals),
    ...(record.shown ? { shown: await loadSheet(here, record.shown) } : {}),
    reconstructions: await loadSheet(here, record.reconstructions),
    samples: record.samples ? await loadSheet(here, record.samples) : null,
    codeUsage: record.codeUsage ? Float32Array.from(record.codeUsage) : null,
    klPerDimension: record.klPerDimension ? Float32Array.from(record.klPerDimension) : null,
  };
}
