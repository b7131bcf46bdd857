import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { finishTraining } from '../finish-training.ts';
import { number, whole } from '../schema-options.ts';

export function addResume(program: Command, context: Context): void {
  common(program.command('resume <run>'))
    .description('go on with a paused, interrupted, cancelled or failed run from its last checkpoint; or lengthen a finished one')
    .option('--steps <integer>', 'new total of steps', whole(1))
    .option('--minutes <number>', 'minutes to train on top of those done', number(0.001))
    .action(async (run: string, options) => {
      context.use(options);
      const started = await context.call('train.continue', { run: context.path(run), steps: options.steps, minutes: options.minutes });
      await finishTraining(context, started);
    });
}
