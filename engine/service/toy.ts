import type { Handlers } from '../../electron/contract/index.ts';

/** Small experiments that need no data. */
export function toyHandlers(): Pick<Handlers, 'toy.pathwise'> {
  return {
    'toy.pathwise': async (request) => (await import('../nn/pathwise-toy.ts')).pathwiseToy(request),
  };
}
