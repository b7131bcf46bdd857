import { InvalidArgumentError, type Command } from 'commander';
import { canvasOf } from '../canvas-of.ts';
import { common, type Context } from '../context.ts';
import { saveRow } from '../save-picture.ts';
import { indexList, number, whole } from '../schema-options.ts';

export function addShift(program: Command, context: Context): void {
  common(program.command('shift <run> [file]'))
    .description('a picture moved along attributes: more or less of what pictures of a class have in common')
    .requiredOption('--out <file>', 'picture to write (.png or .webp)')
    .option('--item <index>', 'an item of the run\'s data instead of a file', whole())
    .option('--by <list>', 'classes and amounts, -4 to 4, e.g. "Flags=1.5,Objects=-1"', amounts)
    .option('--like <list>', 'items of the run\'s data whose mean is an attribute too, e.g. 3,8,20-40', indexList)
    .option('--like-amount <number>', 'how much of that', number(-4, 4), 1)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, file: string | undefined, options) => {
      context.use(options);
      const { item, by = [], like, likeAmount, step } = options;
      const shifts = [...by, ...(like ? [{ items: like, amount: likeAmount }] : [])];
      const canvas = await canvasOf(context, run, { item, file, step });
      const { picture, codes } = await context.call('studio.shift', { run: context.run(run), step, ...canvas, shifts });
      const changed = codes.filter((code, i) => code !== canvas.codes[i]).length;
      const out = await saveRow(context.path(options.out), [picture]);
      context.result({ out, changed, codes: codes.length }, `${out}\n${changed} of ${codes.length} codes changed`);
    });
}

function amounts(text: string): { label: string; amount: number }[] {
  return text.split(',').map((part) => {
    const [label, amount, ...more] = part.split('=');
    if (more.length > 0 || !label.trim() || !amount?.trim() || !Number.isFinite(Number(amount))) throw new InvalidArgumentError(`'${part}' is not a class and an amount, as in Flags=1.5.`);
    return { label: label.trim(), amount: Number(amount) };
  });
}
