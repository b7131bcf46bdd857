import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { number, whole } from '../schema-options.ts';
import { saveFilm, savePicture } from '../save-picture.ts';

export function addSample(program: Command, context: Context): void {
  common(program.command('sample <run>'))
    .description('new pictures drawn from the prior, as one sheet')
    .requiredOption('--out <file>', 'picture to write (.png or .webp; for clips a film, .webp or .gif)')
    .option('--count <integer>', 'how many', whole(1, 256), 64)
    .option('--seed <integer>', 'the same seed gives the same pictures', whole(), 0)
    .option('--temperature <number>', 'spread of the prior; below 1 is safer, above is wilder', number(0, 4), 1)
    .option('--class <name>', 'pictures of one class, from a conditional model or prior (default: each class in turn)')
    .option('--prior <run>', 'draw by this prior, which has learned the codes of the run (a prior\'s own run needs none)')
    .option('--top-k <integer>', 'by a prior: only so many of the likeliest codes', whole(1))
    .option('--top-p <number>', 'by a prior: only the likeliest codes that together have this probability', number(0, 1))
    .option('--guidance <number>', 'by a prior: how much the class counts; 1 is as learned', number(0, 20))
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const { count, seed, temperature, step, class: label, topK, topP, guidance } = options;
      const prior = options.prior ? context.run(options.prior) : undefined;
      const { sheet, note } = await context.call('runs.sample', { run: context.run(run), count, seed, temperature, step, label, topK, topP, guidance, prior });
      const out = context.path(options.out);
      const { clip } = (await context.call('runs.get', { run: context.run(run) })).data;
      if (!(await saveFilm(out, [sheet], clip))) await savePicture(out, sheet);
      context.result({ out, count, seed, temperature, label, note, width: sheet.width, height: sheet.height }, `${count} samples in ${out}\n${note}`);
    });
}
