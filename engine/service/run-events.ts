import type { MetricRow, RunEvent, RunInfo } from '../../electron/contract/index.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { throttle } from './throttle.ts';

type Emit = (event: RunEvent) => void;

const intervalMs = 250;
const pollMs = 1500;

/**
 * Spreads what happens to runs to whoever follows them, at most four times a second each: rows of metrics are gathered,
 * of everything else the newest counts.
 */
export class RunEvents {
  readonly #followers = new Map<string, Set<Emit>>();

  publish(run: string, event: RunEvent): void {
    for (const emit of [...(this.#followers.get(run) ?? [])]) emit(event);
  }

  /** @returns stops following */
  follow(run: string, emit: Emit): () => void {
    const gathered = gather(emit);
    const followers = this.#followers.get(run) ?? new Set();
    this.#followers.set(run, followers.add(gathered.take));
    return () => {
      gathered.stop();
      followers.delete(gathered.take);
      if (followers.size === 0) this.#followers.delete(run);
    };
  }
}

function gather(emit: Emit): { take: Emit; stop(): void } {
  let rows: MetricRow[] = [];
  const newest = new Map<RunEvent['type'], RunEvent>();
  const send = throttle(() => {
    if (rows.length) emit({ type: 'metrics', rows });
    rows = [];
    const events = [...newest.values()];
    newest.clear();
    for (const event of events) emit(event);
  }, intervalMs);
  return {
    take(event) {
      if (event.type === 'metrics') rows.push(...event.rows);
      else {
        newest.delete(event.type);
        newest.set(event.type, event);
      }
      send();
    },
    stop: send.stop,
  };
}

/**
 * Follows a run that another process trains by looking at its files.
 * @param ours whether this process trains it now, so that its own events tell more and sooner
 * @returns stops looking
 */
export function watchFiles(run: RunFolder, emit: Emit, ours: () => boolean): () => void {
  let stopped = false;
  let known: Pick<RunInfo, 'updatedAt' | 'status'> = { updatedAt: run.info.updatedAt, status: run.info.status };
  let seen = { step: run.info.step, preview: -1, map: -1 };
  const look = async (first: boolean): Promise<void> => {
    const [previews, maps] = await Promise.all([run.listPreviews(), run.listMapSteps()]);
    const preview = previews.at(-1) ?? -1;
    const map = maps.at(-1) ?? -1;
    const info = await run.refresh();
    const rows = await run.readMetrics(seen.step + 1);
    if (stopped) return;
    const told = ours();
    if (rows.length && !told && !first) emit({ type: 'metrics', rows });
    if (!first && !told && preview > seen.preview) emit({ type: 'preview', step: preview });
    if (!first && !told && map > seen.map) emit({ type: 'map', step: map });
    if (!told && (info.updatedAt !== known.updatedAt || info.status !== known.status)) emit({ type: 'info', run: info });
    known = { updatedAt: info.updatedAt, status: info.status };
    seen = { step: rows.at(-1)?.step ?? seen.step, preview, map };
  };
  const tick = async (first: boolean): Promise<void> => {
    await look(first).catch(() => {}); // the folder may just be moved or removed; the next look tells
    if (!stopped) timer = setTimeout(() => void tick(false), pollMs).unref();
  };
  let timer: NodeJS.Timeout | undefined;
  void tick(true);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
