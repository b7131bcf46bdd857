import type { Command } from 'commander';
import { region } from '../code-place.ts';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';

export function addResample(program: Command, context: Context): void {
  common(program.command('resample <run> [file]'))
    .description('draw a region of a picture\'s codes anew by a prior, holding the others; as one sheet')
    .requiredOption('--region <x,y,width,height>', 'where, in cells of the grid of codes (of several: of the finest), counting from 0', region)
    .option('--grid <name>', 'of several grids the one to draw anew, in whose cells the region is given (default: all)')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--item <index>', 'an item of the run\'s data instead of a file', whole())
    .option('--count <integer>', 'how many', whole(1, 64), 8)
    .option('--seed <integer>', 'the same seed gives the same pictures', whole(), 0)
    .option('--temperature <number>', 'below 1 is safer, above is wilder', number(0, 4), 1)
    .option('--top-k <integer>', 'only so many of the likeliest codes', whole(1))
    .option('--top-p <number>', 'only the likeliest codes that together have this probability', number(0, 1))
    .option('--guidance <number>', 'how much the class counts; 1 is as learned', number(0, 20))
    .option('--class <name>', 'class to draw (default: the item\'s own)')
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, file: string | undefined, options) => {
      context.use(options);
      const { region: where, grid, item, guidance, count, seed, temperature, topK, topP, class: label, step } = options;
      const path = file === undefined ? undefined : context.path(file);
      const found = await context.call('runs.resample', { run: context.run(run), item, path, region: where, grid, guidance, count, seed, temperature, topK, topP, label, step });
      const out = await savePicture(context.path(options.out), found.sheet);
      context.result({ out, count, seed, grid: { height: found.height, width: found.width } }, `${count} pictures in ${out}, from a grid of ${found.width} by ${found.height} codes`);
    });
}
