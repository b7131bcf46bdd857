import type { ErrorValue } from '../../electron/contract/index.ts';
import { token } from './client.ts';
import { shell } from './shell.ts';

/** A dropped thing: a path on the engine's disk, or files that have to be uploaded first. */
export interface Dropped {
  name: string;
  isFolder: boolean;
  /** Set in the desktop application. */
  path: string | null;
  files: () => Promise<{ file: File; path: string }[]>;
}

/** Reads what was dropped. Must be called within the event's handler, because the browser empties the list afterwards. */
export function readDrop(transfer: DataTransfer): Dropped[] {
  const out: Dropped[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (!file) continue;
    out.push({
      name: file.name,
      isFolder: entry?.isDirectory ?? false,
      path: shell?.pathOf(file) || null,
      files: () => (entry ? walk(entry, entry.name) : Promise.resolve([{ file, path: file.name }])),
    });
  }
  return out;
}

async function walk(entry: FileSystemEntry, path: string): Promise<{ file: File; path: string }[]> {
  if (entry.isFile) return [{ file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)), path }];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const out: { file: File; path: string }[] = [];
  for (;;) {
    // A reader hands out its entries in batches until an empty one.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return out;
    for (const child of batch) out.push(...(await walk(child, `${path}/${child.name}`)));
  }
}

/**
 * Sends files to the engine's disk, four at a time.
 * @returns the path to import: the folder that was dropped, or the single file
 * @throws ErrorValue-shaped
 */
export async function upload(files: readonly { file: File; path: string }[], onProgress: (sent: number, total: number) => void): Promise<string> {
  const drop = crypto.randomUUID();
  let root = '';
  let lastPath = '';
  let sent = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files.length) {
      const { file, path } = files[next++];
      const query = new URLSearchParams({ token, drop, path });
      const response = await fetch(`upload?${query}`, { method: 'POST', body: file });
      const answer = (await response.json()) as { root: string; path: string; error?: ErrorValue };
      if (answer.error) throw answer.error;
      root = answer.root;
      lastPath = answer.path;
      onProgress(++sent, files.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, files.length) }, worker));
  if (files.length === 1 && !files[0].path.includes('/')) return lastPath;
  const folder = files[0].path.split('/')[0];
  return files.every((f) => f.path.startsWith(`${folder}/`)) ? joinLike(root, folder, lastPath) : root;
}

/** Appends the folder's name as the server wrote it (it may have made it safe for the disk). */
function joinLike(root: string, folder: string, example: string): string {
  const separator = root.includes('\\') ? '\\' : '/';
  const below = example.slice(root.length + 1).split(/[\\/]/)[0];
  return `${root}${separator}${below || folder}`;
}
