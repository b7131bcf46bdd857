import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { whole } from '../schema-options.ts';

export function addExport(program: Command, context: Context): void {
  common(program.command('export <run>'))
    .description('encoder and decoder as ONNX files with a manifest; each is run alone and compared')
    .requiredOption('--out <folder>', 'where to write')
    .option('--batch <integer>', 'pictures per call of the exported files', whole(1, 256), 1)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const result = await context.call('runs.export', { run: context.run(run), out: context.path(options.out), batch: options.batch, step: options.step });
      context.result(result, `${result.files.join(', ')} in ${result.folder}; run alone they differ by ${result.maxDifference.toExponential(1)} at most`);
    });
}
