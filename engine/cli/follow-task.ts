import type { TaskKind, Tasks } from '../service/worker-messages.ts';
import { createWorkers, inWorker } from '../service/workers.ts';
import type { Context } from './context.ts';

/**
 * Runs a task that needs no project in a thread of its own, with its progress on standard error. Ctrl+C calls it off.
 * @throws AtelierError of the task; 'cancelled' after Ctrl+C
 */
export async function followTask<K extends TaskKind>(context: Context, kind: K, input: Tasks[K]['input']): Promise<Tasks[K]['output']> {
  const abort = new AbortController();
  const onInterrupt = (): void => abort.abort();
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  const { interactive, err } = context.streams;
  let shown = '';
  try {
    return await inWorker(createWorkers(context.log), kind, input, abort.signal, {
      progress({ progress, message }) {
        const text = interactive ? `${message}: ${Math.floor(progress * 100)}%` : message;
        if (text === shown) return;
        shown = text;
        if (interactive) err(`\r\x1b[K${text}`);
        else context.note(text);
      },
    });
  } finally {
    if (interactive && shown !== '') err('\r\x1b[K');
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}
