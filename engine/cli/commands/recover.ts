import type { Command } from 'commander';
import { canvasOf } from '../canvas-of.ts';
import { common, type Context } from '../context.ts';
import { saveRow } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';

export function addRecover(program: Command, context: Context): void {
  common(program.command('recover <run> [file]'))
    .description('a damaged or noisy picture repaired: the codes that surprise a prior most are drawn anew')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--item <index>', 'an item of the run\'s data instead of a file', whole())
    .option('--amount <share>', 'share of the codes that is drawn anew', number(0.005, 1), 0.1)
    .option('--count <integer>', 'how many repairs', whole(1, 32), 4)
    .option('--seed <integer>', 'the same seed gives the same pictures', whole(), 0)
    .option('--temperature <number>', 'below 1 is safer, above is wilder', number(0, 4), 0.7)
    .option('--class <name>', 'what it is known to show (default: nothing in particular)')
    .option('--prior <run>', 'draw by this prior (default: the newest of the project that knows the codes)')
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, file: string | undefined, options) => {
      context.use(options);
      const { item, amount, count, seed, temperature, class: label, step } = options;
      const prior = options.prior ? context.run(options.prior) : undefined;
      const canvas = await canvasOf(context, run, { item, file, step });
      const { variants, mask, note } = await context.call('studio.recover', { run: context.run(run), step, prior, ...canvas, amount, count, seed, temperature, label });
      const out = await saveRow(context.path(options.out), variants.map(({ picture }) => picture));
      const redrawn = mask.reduce((sum, m) => sum + m, 0);
      context.result({ out, count, seed, redrawn, codes: mask.length, note }, `${count} repairs in ${out}; ${redrawn} of ${mask.length} codes were drawn anew\n${note}`);
    });
}
