import { relative } from 'node:path';
import type { RunEvent } from '../../electron/contract/index.ts';
import type { Context } from './context.ts';
import { ExitCode } from './exit-code.ts';
import { followJob } from './follow-job.ts';
import { duration, figures } from './table.ts';

/** Follows a training to its end and prints the run; after Ctrl+C it says how to go on. */
export async function finishTraining(context: Context, { job, run }: { job: string; run: string }): Promise<void> {
  context.note(`Training in ${run}`);
  const service = await context.service();
  const said = new Set<string>();
  const { step: before } = await context.call('runs.get', { run });
  const stop = service.subscribers['run.events']({ run }, (event) => report(context, event, said));
  const ended = await followJob(context, job).finally(stop);
  // What came so late that the job had ended.
  report(context, { type: 'metrics', rows: await context.call('runs.metrics', { run, sinceStep: before + 1 }) }, said);
  const info = await context.call('runs.get', { run });
  const resume = `atelier resume ${quote(relative(context.folder, run) || '.')}`;
  const state = `${info.status} at step ${info.step} after ${duration(info.trainedSec)} of training on ${info.device}`;
  context.result(info, [`${info.name}: ${state}`, figures(info.summary), `run: ${run}`, ...(ended.state === 'done' ? [] : [`Go on with: ${resume}`])].filter(Boolean).join('\n'));
  if (ended.state !== 'done') {
    if (context.json) context.note(`Go on with: ${resume}`);
    throw new ExitCode(130);
  }
}

/** Each evaluation on its own line, and each diagnosis once. */
function report(context: Context, event: RunEvent, said: Set<string>): void {
  if (event.type === 'metrics') {
    for (const { step, split, time, ...values } of event.rows) {
      if (split !== 'validation' || said.has(`step ${step}`)) continue;
      said.add(`step ${step}`);
      const numbers = Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
      context.note(`step ${step} (${duration(Number(time))})  ${figures(numbers)}`);
    }
  }
  if (event.type === 'info') {
    for (const d of event.run.diagnoses) {
      if (said.has(d.code)) continue;
      said.add(d.code);
      context.note(`${d.severity}: ${d.message} ${d.remedy}`);
    }
  }
}

const quote = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
