import { join } from 'node:path';
import type { Command } from 'commander';
import type { PipelineInfo, PipelinePlan } from '../../../electron/contract/index.ts';
import { common, type Context } from '../context.ts';
import { exists } from '../exists.ts';
import { ExitCode } from '../exit-code.ts';
import { dataOf } from '../find-data.ts';
import { followJob } from '../follow-job.ts';
import { number, whole } from '../schema-options.ts';
import { bytes, duration, figures } from '../table.ts';

export function addPipeline(program: Command, context: Context): void {
  common(program.command('pipeline <data>'))
    .description('from pictures to samples in one go: a codec, the pictures as codes, a prior over them, samples, an evaluation; goes on where it was stopped when it is called again with the same --out')
    .option('--minutes <number>', 'of all trainings together (default: as many as the pictures want, by a measurement)', number(0.1, 10_080))
    .option('--steps <integer>', 'steps of each training instead of minutes', whole(1))
    .option('--out <folder>', 'folder for everything (default: the project)')
    .option('--size <pixels>', 'side length of the pictures, for a built-in set or a folder imported now', whole(8, 1024))
    .option('--samples <integer>', 'how many pictures are drawn at the end', whole(1, 256), 64)
    .option('--device <device>', 'cpu, webgpu, cuda, dml, coreml or tensorflow (default: see atelier devices)')
    .option('--seed <integer>', 'of every random number', whole(), 0)
    .option('--name <text>', 'its name')
    .option('--estimate', 'say what would be chosen and how long it would take, and stop')
    .action(async (data: string, options) => {
      context.use(options);
      const out = options.out ? context.path(options.out) : undefined;
      if (out !== undefined && !options.estimate && (await exists(join(out, 'pipeline.json')))) {
        const there = await context.call('pipeline.get', { pipeline: out });
        if (there.status === 'finished') return tell(context, there);
        context.note(`Going on with "${there.name}" in ${out}`);
        return finishPipeline(context, await context.call('pipeline.continue', { pipeline: out }));
      }
      const { minutes, steps, size, samples, device, seed, name } = options;
      const request = { data: await dataOf(context, data, size), minutes, steps, size, samples, device, seed, name, out };
      const plan = await context.call('pipeline.plan', request);
      if (options.estimate) return context.result(plan, described(plan));
      context.note(described(plan));
      await finishPipeline(context, await context.call('pipeline.start', { ...request, minutes: steps === undefined ? plan.minutes : undefined }));
    });
}

/** Follows the job to its end and prints what came of it. */
export async function finishPipeline(context: Context, { job, pipeline }: { job: string; pipeline: string }): Promise<void> {
  const ended = await followJob(context, job);
  const info = await context.call('pipeline.get', { pipeline });
  if (ended.state === 'done') return tell(context, info);
  context.result(info, `${info.name}: ${info.status}\n`);
  context.note(`Go on with: atelier resume ${pipeline}`);
  throw new ExitCode(130);
}

function tell(context: Context, info: PipelineInfo): void {
  const { evaluation } = info;
  context.result(info, [
    `${info.name}: finished in ${duration(info.stages.reduce((sum, stage) => sum + (stage.seconds ?? 0), 0))} on ${info.device}`,
    ...(evaluation ? [`codec: ${figures(evaluation.codec)}`, `prior: ${figures(evaluation.prior)}`, `${evaluation.items} items of the ${evaluation.split} split`] : []),
    `samples: ${join(info.pipeline, 'samples', 'sheet.png')}`,
    `report: ${join(info.pipeline, 'report.json')}`,
  ].join('\n'));
}

const described = (plan: PipelinePlan): string =>
  [
    `About ${duration(plan.totalSec)} on ${plan.device}, ${bytes(plan.memoryBytes)} of ${bytes(plan.freeMemoryBytes)} free memory. ${plan.basis}`,
    ...plan.choices.map(({ what, value, why }) => `${what}: ${value}. ${why}`),
    ...plan.warnings.map((warning) => `note: ${warning}`),
  ].join('\n');
