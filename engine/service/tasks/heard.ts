import { AtelierError } from '../../core/errors.ts';

/** Ends a task at its next word on how far it is, once it was called off. @returns false @throws AtelierError 'cancelled' */
export function heard(signal: { readonly aborted: boolean }): false {
  if (signal.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
  return false;
}
