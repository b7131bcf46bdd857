import { randomBytes } from 'node:crypto';
import { open, rename, rm, mkdir } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { toAtelierError } from './errors.ts';

/**
 * Replaces a file so that a reader, or a crash at any instant, sees either the old or the new content whole:
 * temporary file beside it, fsync, rename, fsync of the folder.
 * @throws AtelierError 'disk-full' | 'no-permission' | ...; the old file is then untouched
 */
export async function writeFileAtomic(path: string, chunks: string | Uint8Array | readonly Uint8Array[], doing = `writing ${basename(path)}`): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'w');
    try {
      const parts = typeof chunks === 'string' ? [Buffer.from(chunks)] : chunks instanceof Uint8Array ? [chunks] : chunks;
      for (const part of parts) {
        let at = 0;
        while (at < part.byteLength) at += (await file.write(part, at, part.byteLength - at)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw toAtelierError(error, doing);
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened for sync there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
