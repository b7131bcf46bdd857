import { basename, extname, join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { Picture } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { indexList, number, whole } from '../schema-options.ts';
import { duration, table } from '../table.ts';

export function addTransfer(program: Command, context: Context): void {
  common(program.command('transfer <run> [pictures...]'))
    .description('pictures drawn again in another style, by a style VQ-VAE; with --evaluate, how well that is done')
    .option('--style <name>', 'style to draw in: a class of the run\'s data')
    .option('--mix <list>', 'several styles by weight, e.g. "noto=0.5,twemoji=0.5"', mixture)
    .option('--strength <number>', '0: its own style, 1: the one asked for, above 1: more of it', number(0, 2), 1)
    .option('--size <pixels>', 'longer side that a file is brought to (default: its own, at most 2048)', whole(8, 4096))
    .option('--items <list>', 'items of the run\'s data by index instead of files, e.g. 1,4,10-12', indexList)
    .option('--out <path>', 'a .png or .webp file for one picture, else a folder')
    .option('--keep', 'put them into the project\'s gallery, each with its recipe inside')
    .option('--evaluate', 'score transfers of held-out pictures whose true picture in the other style is known')
    .option('--limit <count>', 'with --evaluate: at most so many names', whole(2))
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (typed: string, pictures: string[], options) => {
      context.use(options);
      const run = context.run(typed);
      if (options.evaluate) return evaluate(context, run, options);
      if (!options.out && !options.keep) throw new AtelierError('bad-input', 'It was not said where the pictures go.', 'Give --out with a file or a folder, or --keep for the gallery.');
      const paths = pictures.length ? pictures.map((p) => context.path(p)) : undefined;
      const { style, mix, strength, size, items, step, keep } = options;
      const { results, styles, weights, notes } = await context.call('runs.transfer', { run, paths, items, style, mix, strength, size, step, keep });
      const kept = results.flatMap(({ item }) => (item ? [item.path] : []));
      if (!options.out) return context.result({ files: kept, styles, weights, strength, notes }, [...kept, ...notes].join('\n'));
      const out = context.path(options.out);
      const single = extname(out) !== '';
      if (single && results.length > 1) throw new AtelierError('bad-input', `${results.length} pictures do not go into one file.`, 'Name a folder.');
      const named = Object.entries(mix ?? { [style]: 1 }).map(([name]) => name).join('+');
      const files: string[] = [];
      for (const { name, picture } of results) {
        const file = single ? out : join(out, `${basename(name, extname(name))}-${named}.png`);
        files.push(await savePicture(file, asSheet(picture)));
      }
      context.result({ files, kept, styles, weights, strength, notes }, [...files, ...kept, ...notes].join('\n'));
    });
}

const asSheet = (picture: Picture) => ({ ...picture, cellWidth: picture.width, cellHeight: picture.height, columns: 1, count: 1 });

async function evaluate(context: Context, run: string, { limit, step }: { limit?: number; step?: number }): Promise<void> {
  const score = await context.call('runs.transferScore', { run, limit, step });
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const rows = ([['source, untouched', score.source], ['palette of the target', score.palette], ['transfer', score.transfer]] as const).map(([what, f]) => [
    what, share(f.judgedAsTarget), f.psnrDb.toFixed(2), f.ssim.toFixed(3), share(f.amongNearest5), share(f.amongNearest5ByFeatures),
  ]);
  context.result(score, [
    table(['', 'judged as target', 'PSNR, dB', 'SSIM', 'in nearest 5 (pixels)', 'in nearest 5 (features)'], rows),
    `${score.transfers} transfers between ${score.styles.length} styles of ${score.names} held-out names; the judge is right on ${share(score.judgeAccuracy)} of real pictures; the style is read from ${share(score.styleLeak)} of the codes (${share(1 / score.styles.length)} would be chance)`,
    `step ${score.step}, in ${duration(score.seconds)}`,
  ].join('\n'));
}

function mixture(text: string): Record<string, number> {
  const parts = text.split(',').map((part) => part.split('='));
  const bad = parts.find((part) => part.length !== 2 || part[0].trim() === '' || !(Number(part[1]) >= 0) || part[1].trim() === '');
  if (bad) throw new InvalidArgumentError(`'${bad.join('=')}' is not a style and its weight, as in noto=0.5.`);
  return Object.fromEntries(parts.map(([name, weight]) => [name.trim(), Number(weight)]));
}
