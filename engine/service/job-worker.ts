/**
 * The thread in which one task runs: ONNX Runtime blocks its thread while it computes, and the service must answer
 * meanwhile. Bundled as `job-worker.mjs` beside the program that starts it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { runTask } from './tasks/index.ts';
import type { FromWorker, Task, ToWorker } from './worker-messages.ts';

if (!parentPort) throw new AtelierError('internal', 'The worker was started as a program of its own.', 'Start `atelier` instead.');
const port = parentPort;
const send = (message: FromWorker): void => port.postMessage(message);
const say = (level: keyof Logger) => (message: string) => send({ type: 'log', level, message });
const abort = new AbortController();
const pauses: (() => void)[] = [];
let paused = false;

port.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') abort.abort();
  else {
    paused = true;
    for (const listener of pauses) listener();
  }
});

try {
  const output = await runTask(workerData as Task, {
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    signal: abort.signal,
    onPause(listener) {
      pauses.push(listener);
      if (paused) listener(); // it was asked for while the code was being loaded
    },
    progress: (progress) => send({ type: 'progress', progress }),
    event: (event) => send({ type: 'event', event }),
    frame: (frame) => send({ type: 'frame', frame }),
  });
  send({ type: 'done', output });
} catch (error) {
  if (!(error instanceof AtelierError)) say('error')(error instanceof Error ? (error.stack ?? error.message) : String(error));
  send({ type: 'failed', error: toAtelierError(error, 'running the job').toValue() });
} finally {
  port.close();
}
