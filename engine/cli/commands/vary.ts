import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { saveRow } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';
import { canvasOf } from '../canvas-of.ts';

export function addVary(program: Command, context: Context): void {
  common(program.command('vary <run> [file]'))
    .description('variations of a picture: a part of its codes, in patches, is drawn anew by a prior; as one sheet')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--item <index>', 'an item of the run\'s data instead of a file', whole())
    .option('--amount <share>', 'share of the codes that is drawn anew', number(0.01, 1), 0.3)
    .option('--count <integer>', 'how many', whole(1, 32), 8)
    .option('--seed <integer>', 'the same seed gives the same pictures', whole(), 0)
    .option('--temperature <number>', 'below 1 is safer, above is wilder', number(0, 4), 1)
    .option('--top-k <integer>', 'only so many of the likeliest codes', whole(1))
    .option('--top-p <number>', 'only the likeliest codes that together have this probability', number(0, 1))
    .option('--class <name>', 'class to draw (default: none in particular)')
    .option('--prior <run>', 'draw by this prior (default: the newest of the project that knows the codes)')
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, file: string | undefined, options) => {
      context.use(options);
      const { item, amount, count, seed, temperature, topK, topP, class: label, step } = options;
      const prior = options.prior ? context.run(options.prior) : undefined;
      const canvas = await canvasOf(context, run, { item, file, step });
      const { variants, note } = await context.call('studio.vary', { run: context.run(run), step, prior, ...canvas, amount, count, seed, temperature, topK, topP, label });
      const out = await saveRow(context.path(options.out), variants.map(({ picture }) => picture));
      context.result({ out, count, seed, amount, note }, `${count} variations in ${out}\n${note}`);
    });
}
