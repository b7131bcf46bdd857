import { expect, test } from 'vitest';
import { AtelierError } from '../core/errors.ts';
import { JobBoard, type JobPlan } from './job-board.ts';
import type { TaskProgress } from './worker-messages.ts';

/** A job whose work is done by hand. */
function job(over: Partial<JobPlan> = {}) {
  const asked: string[] = [];
  let finish: (output: unknown) => void = () => {};
  let fail: (error: Error) => void = () => {};
  let progress: (progress: TaskProgress) => void = () => {};
  const plan: JobPlan = {
    kind: 'train', title: 'A run', run: '/runs/a',
    start(report) {
      asked.push('start');
      progress = report;
      const output = new Promise<unknown>((resolve, reject) => {
        finish = resolve;
        fail = reject;
      });
      return { output, threadId: 1, pause: () => void asked.push('pause'), cancel: () => void asked.push('cancel') };
    },
    ended: (output) => ({ state: output as 'done' | 'paused' | 'cancelled', result: '/runs/a' }),
    ...over,
  };
  return { plan, asked, finish: (output: unknown) => finish(output), fail: (error: Error) => fail(error), progress: (p: TaskProgress) => progress(p) };
}
const step = (progress: number): TaskProgress => ({ progress, etaSec: 5, message: 'Step', device: 'CPU' });

test('from start to done, with progress and result', async () => {
  const board = new JobBoard();
  const work = job();
  const { id, canPause } = board.start(work.plan);
  expect(canPause).toBe(false); // nothing to save before the first step
  work.progress(step(0.5));
  expect(board.list()[0]).toMatchObject({ state: 'running', progress: 0.5, etaSec: 5, device: 'CPU', canPause: true });
  work.finish('done');
  expect(await board.settled(id)).toMatchObject({ state: 'done', progress: 1, result: '/runs/a', etaSec: null, canPause: false });
  board.dismiss(id);
  expect(board.list()).toEqual([]);
});

test('pause, resume, and the time adds up', async () => {
  const board = new JobBoard();
  const work = job();
  const { id } = board.start(work.plan);
  work.progress(step(0.1));
  expect(board.pause(id)).toMatchObject({ state: 'pausing', canPause: false });
  work.finish('paused');
  const paused = await board.settled(id);
  expect(paused.state).toBe('paused');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(board.list()[0].elapsedSec).toBe(paused.elapsedSec);
  expect(board.resume(id).state).toBe('running');
  work.finish('done');
  expect((await board.settled(id)).state).toBe('done');
  expect(work.asked).toEqual(['start', 'pause', 'start']);
});

test('two jobs on one run are refused; one after the other replaces it', async () => {
  const board = new JobBoard();
  const first = job();
  const { id } = board.start(first.plan);
  expect(() => board.start(job().plan)).toThrow(expect.objectContaining({ code: 'busy' }));
  expect(() => board.refuseBusy('/runs/a')).toThrow(expect.objectContaining({ code: 'busy' }));
  expect(() => board.dismiss(id)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  first.finish('done');
  await board.settled(id);
  board.start(job().plan);
  expect(board.list()).toHaveLength(1);
});

test('a failure is shown with its error after the clean-up', async () => {
  const board = new JobBoard();
  const cleaned: string[] = [];
  const work = job({ failed: async (error) => void cleaned.push(error.code) });
  const { id } = board.start(work.plan);
  work.fail(new AtelierError('out-of-memory', 'Too large.', 'Take less.'));
  expect(await board.settled(id)).toMatchObject({ state: 'failed', error: { code: 'out-of-memory', remedy: 'Take less.' } });
  expect(cleaned).toEqual(['out-of-memory']);
});

test('cancel while running, while paused, and what cannot be done', async () => {
  const board = new JobBoard();
  const work = job();
  const { id } = board.start(work.plan);
  expect(() => board.pause(id)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  expect(() => board.resume(id)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  expect(board.cancel(id).state).toBe('cancelling');
  work.finish('cancelled');
  expect((await board.settled(id)).state).toBe('cancelled');
  expect(() => board.cancel(id)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  expect(() => board.pause('none')).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('closing pauses trainings, cancels imports and waits for both', async () => {
  const board = new JobBoard();
  const training = job();
  const importing = job({ kind: 'import', run: null });
  board.start(training.plan);
  board.start(importing.plan);
  const closed = board.close();
  expect(training.asked).toEqual(['start', 'pause']);
  expect(importing.asked).toEqual(['start', 'cancel']);
  training.finish('paused');
  importing.fail(new AtelierError('cancelled', 'Called off.', ''));
  await closed;
  expect(board.list().map((j) => j.state)).toEqual(['cancelled', 'paused']);
});
