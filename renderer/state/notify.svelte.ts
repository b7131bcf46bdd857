import { toast } from 'svelte-sonner';
import type { ErrorValue } from '../../electron/contract/index.ts';

export function isErrorValue(error: unknown): error is ErrorValue {
  return typeof error === 'object' && error !== null && 'message' in error && 'remedy' in error;
}

/** Shows what happened and what to do. Cancelled work is not an error. */
export function notifyError(error: unknown): void {
  if (isErrorValue(error)) {
    if (error.code === 'cancelled') return;
    toast.error(error.message, { description: error.remedy || undefined, duration: 12_000 });
    return;
  }
  console.error(error);
  toast.error(error instanceof Error ? error.message : String(error), { description: 'This is a fault of the application; try again, or restart it.', duration: 12_000 });
}

/** Something was done that can be taken back for a while. */
export function notifyUndo(message: string, undo: () => Promise<unknown> | void): void {
  toast(message, {
    duration: 10_000,
    action: {
      label: 'Undo',
      onClick: () => void Promise.resolve(undo()).catch(notifyError),
    },
  });
}

export function notify(message: string, description?: string): void {
  toast.success(message, { description });
}

/** Runs something that may fail; the failure becomes a toast and the answer undefined. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    notifyError(error);
    return undefined;
  }
}
