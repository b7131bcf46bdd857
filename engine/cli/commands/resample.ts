import { InvalidArgumentError, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';

export function addResample(program: Command, context: Context): void {
  common(program.command('resample <run> [file]'))
    .description('draw a region of a picture\'s codes anew by a prior, holding the others; as one sheet')
    .requiredOption('--region <x,y,width,height>', 'where, in cells of the grid of codes, counting from 0', region)
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--item <index>', 'an item of the run\'s data instead of a file', whole())
    .option('--count <integer>', 'how many', whole(1, 64), 8)
    .option('--seed <integer>', 'the same seed gives the same pictures', whole(), 0)
    .option('--temperature <number>', 'below 1 is safer, above is wilder', number(0, 4), 1)
    .option('--top-k <integer>', 'only so many of the likeliest codes', whole(1))
    .option('--top-p <number>', 'only the likeliest codes that together have this probability', number(0, 1))
    .option('--class <name>', 'class to draw (default: the item\'s own)')
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, file: string | undefined, options) => {
      context.use(options);
      const { region: where, item, count, seed, temperature, topK, topP, class: label, step } = options;
      const path = file === undefined ? undefined : context.path(file);
      const found = await context.call('runs.resample', { run: context.path(run), item, path, region: where, count, seed, temperature, topK, topP, label, step });
      const out = await savePicture(context.path(options.out), found.sheet);
      context.result({ out, count, seed, grid: { height: found.height, width: found.width } }, `${count} pictures in ${out}, from a grid of ${found.width} by ${found.height} codes`);
    });
}

function region(text: string): { x: number; y: number; width: number; height: number } {
  const [x, y, width, height, ...more] = text.split(',').map(Number);
  if (more.length > 0 || ![x, y, width, height].every(Number.isInteger)) throw new InvalidArgumentError('Give four whole numbers: x,y,width,height.');
  return { x, y, width, height };
}
