import { open, readFile } from 'node:fs/promises';
import type { MetricRow } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { toAtelierError } from '../core/errors.ts';

/**
 * Metrics as JSON lines, one row a line, readable by any tool. Values that JSON lacks (NaN, infinities) are left out of
 * their row. A line torn by a crash is ignored when reading and cut off before the next row is added.
 */
export class MetricsLog {
  readonly path: string;
  #checked = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** @returns rows of `sinceStep` and later, in the order written */
  async read(sinceStep = 0): Promise<MetricRow[]> {
    await this.#queue.catch(() => {});
    return parse(await this.#text()).filter((row) => row.step >= sinceStep);
  }

  append(rows: readonly MetricRow[]): Promise<void> {
    return this.#enqueue(() => this.#append(rows));
  }

  /** Drops rows after `step`, as when a run goes on from an earlier checkpoint. */
  truncate(step: number): Promise<void> {
    return this.#enqueue(async () => {
      const kept = parse(await this.#text()).filter((row) => row.step <= step);
      await writeFileAtomic(this.path, kept.map(line).join(''), 'shortening the metrics');
      this.#checked = true;
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const next = this.#queue.catch(() => {}).then(work);
    this.#queue = next;
    next.catch(() => {}); // the caller gets the error; the queue must not report it again
    return next;
  }

  async #append(rows: readonly MetricRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      if (!this.#checked) {
        const text = await this.#text();
        if (text !== '' && !text.endsWith('\n')) await writeFileAtomic(this.path, parse(text).map(line).join(''), 'repairing the metrics');
        this.#checked = true;
      }
      const file = await open(this.path, 'a');
      try {
        await file.writeFile(rows.map(line).join(''));
      } finally {
        await file.close();
      }
    } catch (error) {
      this.#checked = false;
      throw toAtelierError(error, `writing the metrics ${this.path}`);
    }
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw toAtelierError(error, `reading the metrics ${this.path}`);
    }
  }
}

function line(row: MetricRow): string {
  const kept = Object.fromEntries(Object.entries(row).filter(([, v]) => typeof v !== 'number' || Number.isFinite(v)));
  return `${JSON.stringify(kept)}\n`;
}

function parse(text: string): MetricRow[] {
  const rows: MetricRow[] = [];
  for (const part of text.split('\n')) {
    if (part === '') continue;
    try {
      const row = JSON.parse(part) as MetricRow;
      if (typeof row?.step === 'number') rows.push(row);
    } catch {
      continue; // torn by a crash
    }
  }
  return rows;
}
