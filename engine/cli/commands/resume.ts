import { join } from 'node:path';
import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { exists } from '../exists.ts';
import { finishTraining } from '../finish-training.ts';
import { finishPipeline } from './pipeline.ts';
import { number, whole } from '../schema-options.ts';

export function addResume(program: Command, context: Context): void {
  common(program.command('resume <run>'))
    .description('go on with a paused, interrupted, cancelled or failed run from its last checkpoint, or with a guided path; or lengthen a finished run')
    .option('--steps <integer>', 'new total of steps', whole(1))
    .option('--minutes <number>', 'minutes to train on top of those done', number(0.001))
    .action(async (run: string, options) => {
      context.use(options);
      if (await exists(join(context.path(run), 'pipeline.json'))) return finishPipeline(context, await context.call('pipeline.continue', { pipeline: context.path(run) }));
      const started = await context.call('train.continue', { run: context.path(run), steps: options.steps, minutes: options.minutes });
      await finishTraining(context, started);
    });
}
