import type { MetricRow, RunEvent, RunPreview } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { Curves } from '../services/curves.ts';
import { attempt } from './notify.svelte.ts';
import { runs } from './runs.svelte.ts';

/** Curves and previews of one run, kept up to date while somebody looks. */
export class RunFeed {
  readonly run: string;
  /** Not reactive; read `revision` to follow it. */
  curves = new Curves();
  revision = $state(0);
  loaded = $state(false);
  preview = $state.raw<RunPreview | null>(null);
  /** Step that the scrubber holds; null: always the newest. */
  held = $state<number | null>(null);
  loadingPreview = $state(false);

  #early: MetricRow[] | null = [];
  #queued = false;
  #stop: () => void;
  #again = false;
  #closed = false;

  constructor(run: string) {
    this.run = run;
    this.#stop = client.subscribe('run.events', { run }, (event) => this.#take(event));
    void this.reload();
  }

  /** Reads everything anew; also after the engine was restarted. */
  async reload(): Promise<void> {
    this.#early ??= [];
    await attempt(async () => {
      const rows = await client.call('runs.metrics', { run: this.run });
      if (this.#closed) return;
      const curves = new Curves();
      curves.add(rows);
      curves.add(this.#early ?? []);
      this.curves = curves;
    });
    this.#early = null;
    this.loaded = true;
    this.#touch();
    await this.loadPreview();
  }

  hold(step: number | null): void {
    this.held = step;
    void this.loadPreview();
  }

  async loadPreview(): Promise<void> {
    if (this.#closed) return;
    if (this.loadingPreview) {
      this.#again = true;
      return;
    }
    this.loadingPreview = true;
    do {
      this.#again = false;
      const step = this.held ?? undefined;
      const preview = await attempt(() => client.call('runs.preview', { run: this.run, step }));
      if (preview !== undefined && !this.#closed) this.preview = preview;
    } while (this.#again && !this.#closed);
    this.loadingPreview = false;
  }

  #take(event: RunEvent): void {
    if (this.#closed) return;
    if (event.type === 'info') runs.take(event.run);
    else if (event.type === 'metrics') {
      if (this.#early) this.#early.push(...event.rows);
      else {
        this.curves.add(event.rows);
        this.#touch();
      }
    } else if (event.type === 'preview') {
      if (this.held === null) void this.loadPreview();
      else if (this.preview && !this.preview.steps.includes(event.step)) this.preview = { ...this.preview, steps: [...this.preview.steps, event.step] };
    }
  }

  /** At most one redraw in 200 ms, in a frame of its own. */
  #touch(): void {
    if (this.#queued) return;
    this.#queued = true;
    setTimeout(
      () =>
        requestAnimationFrame(() => {
          this.#queued = false;
          this.revision++;
        }),
      180,
    );
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }
}
