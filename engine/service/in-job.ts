import type { JobInfo } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import type { Core } from './core.ts';
import type { TaskKind, Tasks } from './worker-messages.ts';
import type { RunningTask } from './workers.ts';

/**
 * Runs a task as a job, so that its progress is seen and it can be stopped from the list of jobs; there it stands only while it goes on, for
 * whoever asked gets what comes of it.
 * @param looksAt folder of the run that is only read
 * @throws AtelierError of the task; 'cancelled' when the caller or somebody at the list stops it
 */
export async function inJob<K extends TaskKind>(
  { jobs, workers }: Pick<Core, 'jobs' | 'workers'>,
  job: { kind: JobInfo['kind']; title: string; looksAt: string },
  task: K,
  input: Tasks[K]['input'],
  signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void },
): Promise<Tasks[K]['output']> {
  const called = (): AtelierError => new AtelierError('cancelled', 'It was called off.', 'Start it again.');
  if (signal?.aborted) throw called();
  let output: Promise<Tasks[K]['output']> | undefined;
  const { id } = jobs.start({
    ...job,
    run: null,
    start(progress) {
      const running: RunningTask<Tasks[K]['output']> = workers.start(task, input, { progress });
      output = running.output;
      // By force only when the application ends: a thread that is ended inside ONNX Runtime takes the whole process with it.
      return { ...running, cancel: (patienceMs: number | null = null) => running.cancel(patienceMs) };
    },
    ended: () => ({ state: 'done', result: null }),
  });
  void jobs.settled(id).then(() => jobs.dismiss(id), () => {});
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => {
      if (jobs.list().some((listed) => listed.id === id && listed.state === 'running')) jobs.cancel(id);
      reject(called());
    });
    output!.then(resolve, reject);
  });
}
