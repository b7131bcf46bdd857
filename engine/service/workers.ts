import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AtelierError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { RunEvent } from '../../electron/contract/index.ts';
import type { FromWorker, Task, TaskFrame, TaskKind, TaskProgress, Tasks, ToWorker } from './worker-messages.ts';

export interface WorkerListener {
  progress?(progress: TaskProgress): void;
  event?(event: RunEvent): void;
  frame?(frame: TaskFrame): void;
}

/** A task in its own thread. */
export interface RunningTask<Output> {
  /** Settles after the thread has ended. Rejects with an AtelierError; 'internal' or 'out-of-memory' when the thread died. */
  readonly output: Promise<Output>;
  /** As recorded in the locks that the thread takes. */
  readonly threadId: number;
  pause(): void;
  /** Asks the task to stop; the thread is ended by force when it does not within `patienceMs` (null: never). */
  cancel(patienceMs?: number | null): void;
}

/** Starts tasks in worker threads. */
export interface Workers {
  start<K extends TaskKind>(kind: K, input: Tasks[K]['input'], listener?: WorkerListener): RunningTask<Tasks[K]['output']>;
}

/** @param file `job-worker.mjs`; default: beside the program that runs */
export function createWorkers(log: Logger, file: URL = new URL('./job-worker.mjs', import.meta.url)): Workers {
  return {
    start(kind, input, listener = {}) {
      if (!existsSync(fileURLToPath(file))) {
        throw new AtelierError('unavailable', `The program of the jobs is missing: ${fileURLToPath(file)}.`, 'Build the application with `npm start`, or reinstall it.');
      }
      const worker = new Worker(file, { workerData: { kind, input } satisfies { kind: TaskKind; input: unknown } as Task, name: `atelier ${kind}` });
      const { threadId } = worker;
      const send = (message: ToWorker): void => worker.postMessage(message);
      let force: NodeJS.Timeout | undefined;
      let forced = false;

      const output = new Promise<Tasks[typeof kind]['output']>((resolve, reject) => {
        let settle: () => void = () =>
          reject(
            forced
              ? new AtelierError('cancelled', 'The job was ended by force.', 'Start it again.')
              : new AtelierError('internal', 'The job stopped without a word.', 'A training can be continued from its last checkpoint; the log may say more.'),
          );
        worker.on('message', (message: FromWorker) => {
          if (message.type === 'progress') listener.progress?.(message.progress);
          else if (message.type === 'event') listener.event?.(message.event);
          else if (message.type === 'frame') listener.frame?.(message.frame);
          else if (message.type === 'log') log[message.level](message.message);
          else if (message.type === 'done') settle = () => resolve(message.output as Tasks[typeof kind]['output']);
          else settle = () => reject(new AtelierError(message.error.code, message.error.message, message.error.remedy));
        });
        worker.on('error', (error: Error & { code?: string }) => {
          log.error(`The job's thread failed: ${error.stack ?? error.message}`);
          settle = () =>
            reject(
              error.code === 'ERR_WORKER_OUT_OF_MEMORY'
                ? new AtelierError('out-of-memory', 'The job ran out of memory.', 'Take a smaller batch, smaller pictures or a smaller model; a training can be continued from its last checkpoint.')
                : new AtelierError('internal', `The job failed: ${error.message}`, 'A training can be continued from its last checkpoint; the log may say more.'),
            );
        });
        worker.on('exit', () => {
          clearTimeout(force);
          settle();
        });
      });
      output.catch(() => {}); // whoever started the task looks at it too
      return {
        output,
        threadId,
        pause: () => send({ type: 'pause' }),
        cancel(patienceMs = 20_000) {
          send({ type: 'cancel' });
          clearTimeout(force);
          if (patienceMs === null) return;
          force = setTimeout(() => {
            forced = true;
            void worker.terminate();
          }, patienceMs);
          force.unref();
        },
      };
    },
  };
}

/** Runs a task to its end and gives its output; an abort of the caller cancels it. */
export async function inWorker<K extends TaskKind>(
  workers: Workers,
  kind: K,
  input: Tasks[K]['input'],
  signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void },
  listener?: WorkerListener,
): Promise<Tasks[K]['output']> {
  if (signal?.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
  const task = workers.start(kind, input, listener);
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => {
      // Never by force: a thread that is ended inside ONNX Runtime takes the whole process with it.
      task.cancel(null);
      reject(new AtelierError('cancelled', 'It was called off.', 'Start it again.'));
    });
    task.output.then(resolve, reject);
  });
}
