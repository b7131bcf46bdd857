import { AtelierError } from '../../engine/core/errors.ts';
import type { Answering } from '../../engine/service/answer.ts';
import type { Handlers } from '../contract/index.ts';

/** A service of a few calls for tests of the transports; every other call says that it is unavailable. */
export function tinyService(own: Partial<Handlers> = {}): Answering {
  const known: Partial<Handlers> = {
    'engine.info': async () => ({ version: 'tiny', memoryBytes: 1, uptimeSec: 1, threads: 1 }),
    'map.frame': async () => ({ step: 0, positions: Float32Array.of(1, 2, 3), metrics: {}, explained: [1, 0, 0] }),
    ...own,
  };
  const unavailable = async () => {
    throw new AtelierError('unavailable', 'Not part of this service.', 'Ask another.');
  };
  return {
    handlers: new Proxy(known, { get: (table, name: keyof Handlers) => table[name] ?? unavailable }) as Handlers,
    subscribers: {
      'jobs.events': (_input, emit) => {
        emit([]);
        return () => {};
      },
      'layouts.frames': () => () => {},
      'run.events': () => {
        throw new AtelierError('not-found', 'There is no such run.', 'Check the folder.');
      },
      'studio.generate': () => () => {},
    },
  };
}
