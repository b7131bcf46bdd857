import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { savePairs, savePicture } from '../save-picture.ts';
import { indexList, number, whole } from '../schema-options.ts';
import { figure } from '../table.ts';

export function addDenoise(program: Command, context: Context): void {
  common(program.command('denoise <run> [pictures...]'))
    .description('noisy pictures in, clean ones out; without pictures, held-out items of the run\'s data are made noisy and the gain is measured')
    .requiredOption('--out <file>', 'picture to write (.png or .webp): rows of noisy pictures, each above its clean ones')
    .option('--clean <file>', 'the clean ones alone, as one sheet')
    .option('--items <list>', 'items of the run\'s data by index, e.g. 1,4,10-12', indexList)
    .option('--noise <number>', 'standard deviation of noise laid over the pictures first, of values from 0 to 1 (default: none for files, what the run was trained with for items)', number(0, 1))
    .option('--seed <integer>', 'of that noise', whole(), 0)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, pictures: string[], options) => {
      context.use(options);
      const { items, noise, seed, step } = options;
      const paths = pictures.length ? pictures.map((p) => context.path(p)) : undefined;
      const found = await context.call('runs.denoise', { run: context.run(run), paths, items, noise, seed, step });
      const out = await savePairs(context.path(options.out), found.noisy, found.cleaned);
      if (options.clean) await savePicture(context.path(options.clean), found.cleaned);
      const { noisyPsnrDb, cleanedPsnrDb, gainDb } = found;
      const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      const gain = gainDb === null ? 'the clean pictures are not known, so no gain is measured' : `noise ${figure(found.noise)}: ${mean(noisyPsnrDb!).toFixed(2)} dB noisy, ${mean(cleanedPsnrDb!).toFixed(2)} dB clean, a gain of ${gainDb.toFixed(2)} dB`;
      context.result({ out, noise: found.noise, gainDb, noisyPsnrDb, cleanedPsnrDb, names: found.names, note: found.note }, `${found.names.length} pictures in ${out}; ${gain}\n${found.note}`);
    });
}
