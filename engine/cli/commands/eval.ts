import { Option, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { whole } from '../schema-options.ts';
import { duration, figures } from '../table.ts';

export function addEval(program: Command, context: Context): void {
  common(program.command('eval <run>'))
    .description('metrics of a trained run on a split of its data')
    .addOption(new Option('--split <name>', 'which items').choices(['train', 'validation', 'test']).default('test'))
    .option('--limit <count>', 'at most so many items', whole(1))
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const result = await context.call('runs.evaluate', { run: context.run(run), split: options.split, limit: options.limit, step: options.step });
      context.result(result, `${figures(result.metrics)}\n${result.items} items of the ${result.split} split, step ${result.step}, in ${duration(result.seconds)}`);
    });
}
