import type { Handlers, Subscribers } from '../../electron/contract/index.ts';
import type { Core } from './core.ts';
import { throttle } from './throttle.ts';

type Jobs = Pick<Handlers, 'jobs.list' | 'jobs.pause' | 'jobs.resume' | 'jobs.cancel' | 'jobs.dismiss'>;

const intervalMs = 250;

export function jobHandlers({ jobs }: Core): Jobs {
  return {
    'jobs.list': async () => jobs.list(),
    'jobs.pause': async ({ job }) => jobs.pause(job),
    'jobs.resume': async ({ job }) => jobs.resume(job),
    'jobs.cancel': async ({ job }) => jobs.cancel(job),
    async 'jobs.dismiss'({ job }) {
      jobs.dismiss(job);
      return null;
    },
  };
}

export function jobSubscribers({ jobs }: Core): Pick<Subscribers, 'jobs.events'> {
  return {
    'jobs.events'(_input, emit) {
      const send = throttle(() => emit(jobs.list()), intervalMs);
      const stop = jobs.onChange(send);
      send();
      return () => {
        stop();
        send.stop();
      };
    },
  };
}
