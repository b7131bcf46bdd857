import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sheet } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { toAtelierError } from '../core/errors.ts';

/** A sheet without its bytes, which lie in `file` beside the record. */
export type SheetRecord = Omit<Sheet, 'bytes'> & { file: string };

/** Writes the picture as `<name>.webp` or `.png` into a folder. @returns what to keep in a record */
export async function saveSheet(folder: string, name: string, sheet: Sheet): Promise<SheetRecord> {
  const { bytes, ...rest } = sheet;
  const file = `${name}.${sheet.mime === 'image/png' ? 'png' : 'webp'}`;
  await writeFileAtomic(join(folder, file), bytes);
  return { ...rest, file };
}

export async function loadSheet(folder: string, record: SheetRecord): Promise<Sheet> {
  const { file, ...rest } = record;
  const path = join(folder, file);
  try {
    return { ...rest, bytes: new Uint8Array(await readFile(path)) };
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
}
