import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { indexList, number, whole } from '../schema-options.ts';
import { figure } from '../table.ts';

export function addTraverse(program: Command, context: Context): void {
  common(program.command('traverse <run> [file]'))
    .description('pictures along single latent dimensions, the most informative first: a row a dimension')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--item <index>', 'start at an item of the run\'s data instead of a file (default: the centre of the prior)', whole())
    .option('--random', 'start at a draw of the prior')
    .option('--seed <integer>', 'of that draw', whole(), 0)
    .option('--class <name>', 'class to draw, of a conditional model')
    .option('--dimensions <list>', 'which, in this order, e.g. 3,0,7-9 (default: the ten most informative)', indexList)
    .option('--steps <integer>', 'pictures a row', whole(2, 64), 9)
    .option('--range <number>', 'how far to each side, in standard deviations', number(0.01, 10), 3)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, file: string | undefined, options) => {
      context.use(options);
      const { item, random, seed, class: label, dimensions, steps, range, step } = options;
      const path = file === undefined ? undefined : context.path(file);
      const found = await context.call('runs.traverse', { run: context.run(run), path, item, from: random ? 'random' : 'centre', seed, label, dimensions, steps, range, step });
      const out = await savePicture(context.path(options.out), found.sheet);
      const rows = found.rows.map(({ dimension, klNats }) => `${dimension}${klNats === null ? '' : ` (${figure(klNats)} nats)`}`).join(', ');
      context.result({ out, rows: found.rows, values: found.values }, `${found.rows.length} rows of ${found.values.length} pictures in ${out}: dimensions ${rows}`);
    });
}

export function addManifold(program: Command, context: Context): void {
  common(program.command('manifold <run>'))
    .description('a plane through latent space as a square of pictures')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--dimensions <list>', 'the two dimensions, across and up (default: the two most informative)', indexList)
    .option('--side <integer>', 'pictures on each side', whole(2, 40), 16)
    .option('--range <number>', 'how far to each side, in standard deviations (default: at the quantiles of the prior)', number(0.01, 10))
    .option('--item <index>', 'hold the other dimensions at this item\'s of the run\'s data (default: at nought)', whole())
    .option('--class <name>', 'class to draw, of a conditional model')
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const { dimensions, side, range, item, class: label, step } = options;
      const found = await context.call('runs.manifold', { run: context.run(run), dimensions, side, range, item, label, step });
      const out = await savePicture(context.path(options.out), found.sheet);
      context.result({ out, dimensions: found.dimensions, values: found.values }, `${side} x ${side} pictures in ${out}: dimension ${found.dimensions[0]} across, ${found.dimensions[1]} up`);
    });
}
