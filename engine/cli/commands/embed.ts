import { Option, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { whole } from '../schema-options.ts';

export function addEmbed(program: Command, context: Context): void {
  common(program.command('embed <run>'))
    .description('latents of every item as a table for other tools')
    .requiredOption('--out <file>', 'table to write (.parquet)')
    .addOption(new Option('--split <name>', 'which items').choices(['train', 'validation', 'test', 'all']).default('all'))
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const result = await context.call('runs.embed', { run: context.run(run), out: context.path(options.out), split: options.split, step: options.step });
      context.result(result, `${result.rows} rows of ${result.columns.length} columns in ${result.out}`);
    });
}
