import type { Command } from 'commander';
import { nameList, region } from '../code-place.ts';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { whole } from '../schema-options.ts';

export function addMix(program: Command, context: Context): void {
  common(program.command('mix <run> <a> <b>'))
    .description('a picture from the codes of two: those of b in some grids or a region, else those of a; each a file or an item of the run\'s data by its number')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--grids <names>', 'grids of codes to take from b, such as bottom or top,middle (default: all)', nameList)
    .option('--region <x,y,width,height>', 'only there, in cells of the finest grid, counting from 0', region)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, a: string, b: string, options) => {
      context.use(options);
      const source = (given: string) => (/^\d+$/.test(given) ? { item: Number(given) } : { path: context.path(given) });
      const { grids, region: where, step } = options;
      const found = await context.call('runs.mix', { run: context.run(run), a: source(a), b: source(b), grids, region: where, step });
      const { bytes, mime, width, height } = found.mixed;
      const out = await savePicture(context.path(options.out), { bytes, mime, width, height, cellWidth: width, cellHeight: height, columns: 1, count: 1 });
      context.result({ out, grids: found.codes.grids, width, height }, `Mixed in ${out}, from grids ${found.codes.grids.map((g) => `${g.name} of ${g.width} by ${g.height}`).join(' and ')}`);
    });
}
