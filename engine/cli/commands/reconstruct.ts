import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { indexList, whole } from '../schema-options.ts';
import { saveFilm, savePairs } from '../save-picture.ts';
import { figure } from '../table.ts';

export function addReconstruct(program: Command, context: Context): void {
  common(program.command('reconstruct <run> [pictures...]'))
    .description('pictures beside what the model makes of them; without pictures, held-out items of the run\'s data')
    .requiredOption('--out <file>', 'picture to write (.png or .webp; for clips a film, .webp or .gif): rows of originals, each above its reconstructions')
    .option('--items <list>', 'items of the run\'s data by index, e.g. 1,4,10-12', indexList)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, pictures: string[], options) => {
      context.use(options);
      const paths = pictures.length ? pictures.map((p) => context.path(p)) : undefined;
      const result = await context.call('runs.reconstruct', { run: context.run(run), paths, items: options.items, step: options.step });
      const out = context.path(options.out);
      const { clip } = (await context.call('runs.get', { run: context.run(run) })).data;
      if (!(await saveFilm(out, [result.originals, result.reconstructions], clip))) await savePairs(out, result.originals, result.reconstructions);
      const mean = result.psnrDb.reduce((a, b) => a + b, 0) / Math.max(1, result.psnrDb.length);
      context.result({ out, count: result.names.length, meanPsnrDb: mean, items: result.names.map((name, i) => ({ name, psnrDb: result.psnrDb[i] })) }, `${result.names.length} pictures in ${out}, PSNR ${figure(mean)} dB on average`);
    });
}
