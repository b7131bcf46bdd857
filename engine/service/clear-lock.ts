import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes the lock of a run that a dead thread of this process left behind; the lock's process lives, so nobody else could
 * tell that it is stale.
 */
export async function clearLockOfThread(run: string, threadId: number): Promise<void> {
  const path = join(run, 'lock');
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as { pid?: unknown; thread?: unknown };
    if (record.pid === process.pid && record.thread === threadId) await rm(path, { force: true });
  } catch {
    // No lock, or one that cannot be read and counts as stale.
  }
}
