import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AtelierError } from '../core/errors.ts';
import { kernels, type KernelArgs, type KernelName } from './kernels.ts';

/**
 * Threads that work through the jobs of one kernel together. What they read and write is shared memory inside the arguments.
 * The order of jobs is open, so jobs of one round write to different places; then the outcome does not depend on the threads.
 */
export interface Crew {
  readonly size: number;
  /** Settles when all jobs are done. */
  run<K extends KernelName>(kernel: K, jobs: KernelArgs[K][]): Promise<void>;
  close(): Promise<void>;
}

interface Errand {
  kernel: KernelName;
  args: unknown;
  done(): void;
  failed(error: Error): void;
}

/** Works in the calling thread, letting messages in between jobs. */
export const soloCrew: Crew = {
  size: 1,
  async run(kernel, jobs) {
    for (const args of jobs) kernels[kernel](args);
    await new Promise<void>((resolve) => setImmediate(resolve));
  },
  async close() {},
};

/**
 * @param file `layout-worker.mjs`; default: beside the program that runs. Where it is missing the calling thread does the work.
 */
export function createCrew(size = availableParallelism(), file: URL = new URL('./layout-worker.mjs', import.meta.url)): Crew {
  if (size < 2 || !existsSync(fileURLToPath(file))) return soloCrew;
  const queue: Errand[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Errand>();
  const serve = (): void => {
    while (queue.length > 0 && idle.length > 0) {
      const worker = idle.pop()!;
      const errand = queue.shift()!;
      busy.set(worker, errand);
      worker.ref(); // an idle thread does not keep the program alive, a working one does
      worker.postMessage({ kernel: errand.kernel, args: errand.args });
    }
  };
  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(file, { name: 'atelier layout' });
    worker.on('message', () => {
      const errand = busy.get(worker)!;
      busy.delete(worker);
      worker.unref();
      idle.push(worker);
      errand.done();
      serve();
    });
    worker.on('error', (error: Error) => {
      const cause = new AtelierError('internal', `A thread of the projection failed: ${error.message}`, 'Try again with fewer rows; the log has the details.', { cause: error });
      busy.get(worker)?.failed(cause);
      for (const errand of queue.splice(0)) errand.failed(cause);
    });
    worker.unref();
    idle.push(worker);
    return worker;
  });
  return {
    size,
    async run(kernel, jobs) {
      await Promise.all(
        jobs.map((args) => new Promise<void>((done, failed) => {
          queue.push({ kernel, args, done, failed });
          serve();
        })),
      );
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** [0, n) in about equal parts. */
export function ranges(n: number, parts: number): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (let p = 0; p < parts; p++) {
    const from = Math.floor((n * p) / parts), to = Math.floor((n * (p + 1)) / parts);
    if (to > from) out.push({ from, to });
  }
  return out;
}
