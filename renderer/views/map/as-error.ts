import type { ErrorValue } from '../../../electron/contract/index.ts';
import { isErrorValue } from '../../state/notify.svelte.ts';

export const asError = (error: unknown): ErrorValue =>
  isErrorValue(error) ? error : { code: 'internal', message: error instanceof Error ? error.message : String(error), remedy: 'Try again.' };

export const notOpen: ErrorValue = { code: 'not-found', message: 'The points of this map are not open yet.', remedy: 'Wait a moment and try again.' };
