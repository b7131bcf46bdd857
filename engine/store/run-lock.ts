import { randomBytes } from 'node:crypto';
import { copyFile, link, open, readFile, rm, stat } from 'node:fs/promises';
import { constants, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { AtelierError, toAtelierError } from '../core/errors.ts';

interface LockRecord {
  pid: number;
  /** When the process began, where the system tells it: a later process may get the same pid. */
  born: string | null;
  host: string;
  thread: number;
  token: string;
  since: string;
}

export interface RunLock {
  release(): Promise<void>;
}

/** A takeover takes milliseconds; one this old died halfway. */
const TAKEOVER_MS = 10_000;

/** Field 22 of /proc/<pid>/stat, the start time in ticks since boot, with the boot it belongs to; null where there is none. */
function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`;
  } catch {
    return null;
  }
}

function isAlive(record: LockRecord): boolean {
  if (record.host !== hostname()) return true; // a shared disk: only that machine can tell
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return record.born === null || record.born === bornAt(record.pid);
}

async function readLock(path: string): Promise<LockRecord | 'damaged' | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw toAtelierError(error, `reading the lock ${path}`);
  }
  try {
    const record = JSON.parse(text) as LockRecord;
    return typeof record.pid === 'number' ? record : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** True while a living process holds the lock. */
export async function isLocked(path: string): Promise<boolean> {
  const record = await readLock(path);
  return record !== null && record !== 'damaged' && isAlive(record);
}

/** Process that wrote the lock, dead or alive; null where there is no lock that can be read. */
export async function lockHolder(path: string): Promise<number | null> {
  const record = await readLock(path);
  return record === null || record === 'damaged' ? null : record.pid;
}

/**
 * Takes a lock file. A lock whose process is gone (killed, power cut) is taken over.
 * @param what what is locked, for the message
 * @throws AtelierError 'busy' when a living process, or another job of this one, holds it
 */
export async function acquireLock(path: string, what: string): Promise<RunLock> {
  const mine: LockRecord = { pid: process.pid, born: bornAt(process.pid), host: hostname(), thread: threadId, token: randomBytes(8).toString('hex'), since: new Date().toISOString() };
  const draft = `${path}.${mine.token}`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(JSON.stringify(mine));
      await file.sync();
    } finally {
      await file.close();
    }
    for (;;) {
      try {
        await place(draft, path);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      await removeStale(path, draft, mine, what);
    }
  } catch (error) {
    throw toAtelierError(error, `locking ${what}`);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
  const onExit = (): void => rmSync(path, { force: true });
  process.once('exit', onExit);
  return {
    async release() {
      process.off('exit', onExit);
      const held = await readLock(path);
      if (held !== null && held !== 'damaged' && held.token === mine.token) await rm(path, { force: true });
    },
  };
}

/** Puts the lock in its place whole or not at all; fails with EEXIST where one stands. */
async function place(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(draft, path, constants.COPYFILE_EXCL); // disks without hard links (exFAT)
  }
}

/**
 * Removes the lock of a dead process. Several may find it at once, so removing is itself exclusive: while one holds
 * `<lock>.takeover` nobody else removes, and nobody can place a new lock over the stale one.
 */
async function removeStale(path: string, draft: string, mine: LockRecord, what: string): Promise<void> {
  if (!(await isStale(path, mine, what))) return;
  const takeover = `${path}.takeover`;
  try {
    await place(draft, takeover);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const since = await stat(takeover).then((s) => s.mtimeMs, () => Date.now());
    if (Date.now() - since > TAKEOVER_MS) await rm(takeover, { force: true });
    await new Promise((done) => setTimeout(done, 10));
    return;
  }
  try {
    if (await isStale(path, mine, what)) await rm(path, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

async function isStale(path: string, mine: LockRecord, what: string): Promise<boolean> {
  const held = await readLock(path);
  if (held === null) return false;
  if (held === 'damaged' || !isAlive(held)) return true;
  const where = held.host !== mine.host ? `another machine (${held.host})` : held.pid === mine.pid ? 'another job of this application' : `another process (${held.pid})`;
  throw new AtelierError('busy', `${what} is in use by ${where} since ${held.since}.`, 'Wait until it ends, or pause or cancel it there; then try again.');
}
