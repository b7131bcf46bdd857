import type { Command } from 'commander';
import type { RateDistortion } from '../../../electron/contract/compress.ts';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { whole } from '../schema-options.ts';
import { followTask } from '../follow-task.ts';
import { bytes, table } from '../table.ts';

export function addCompress(program: Command, context: Context): void {
  common(program.command('compress [pictures...]'))
    .description('pictures as one small file, in as many bits as a prior finds their codes surprising; or, with --report, what that takes beside JPEG and WebP')
    .requiredOption('--run <run>', 'run of a prior: builtin:emoji-prior, or one made by train prior')
    .option('--out <file>', 'file to write (.atl)')
    .option('--grids <integer>', 'of several grids of codes only so many, the coarsest first; the others are filled in by what is likeliest', whole(1))
    .option('--report', 'rate against PSNR of held-out pictures of the run\'s data, beside JPEG and WebP')
    .option('--also <run...>', 'with --report: further priors on the same data')
    .option('--limit <integer>', 'with --report: pictures', whole(1, 1000), 24)
    .option('--split <part>', 'with --report: validation or test', 'test')
    .action(async (pictures: string[], options) => {
      context.use(options);
      const run = context.run(options.run);
      if (options.report) {
        const found = await followTask(context, 'rateDistortion', { run, also: ((options.also ?? []) as string[]).map((r) => context.run(r)), split: options.split === 'validation' ? 'validation' : 'test', limit: options.limit });
        return context.result(found, reportText(found));
      }
      if (pictures.length === 0) throw new AtelierError('bad-input', 'No pictures were named.', 'Name some, or ask for --report.');
      if (!options.out) throw new AtelierError('bad-input', 'It was not said where to write.', 'Name a file with --out, ending in .atl.');
      const found = await followTask(context, 'compress', { run, paths: pictures.map((p) => context.path(p)), out: context.path(options.out), grids: options.grids });
      const mean = found.psnrDb.reduce((a, b) => a + b, 0) / found.count;
      context.result(found, `${found.count} picture${found.count === 1 ? '' : 's'} in ${found.out}: ${bytes(found.bytes)}, ${found.bitsPerPixel.toFixed(4)} bits a pixel, PSNR ${mean.toFixed(2)} dB on average\nThe codes take ${found.streamBytes} bytes; the prior said ${found.estimatedBytes.toFixed(1)}.`);
    });

  common(program.command('decompress <file>'))
    .description('take a file of compressed pictures apart into PNG files; the run has to be the one that wrote it')
    .requiredOption('--run <run>', 'run of the prior that wrote the file')
    .requiredOption('--out <folder>', 'folder for the pictures')
    .action(async (file: string, options) => {
      context.use(options);
      const found = await followTask(context, 'decompress', { run: context.run(options.run), file: context.path(file), out: context.path(options.out) });
      context.result(found, `${found.files.length} picture${found.files.length === 1 ? '' : 's'} in ${found.folder}`);
    });
}

function reportText({ items, split, ours, jpeg, webp, verdict }: RateDistortion): string {
  const rate = (n: number) => n.toFixed(4);
  const rows = [
    ...ours.map((p) => [`ours${p.grids.length ? ` (${p.grids.join(' + ')})` : ''}`, rate(p.bitsPerPixel), p.psnrDb.toFixed(2), `estimate ${rate(p.estimatedBitsPerPixel)}; ${p.name}`]),
    ...jpeg.map((p) => ['JPEG', rate(p.bitsPerPixel), p.psnrDb.toFixed(2), `quality ${p.quality}; ${rate(p.bareBitsPerPixel!)} without headers`]),
    ...webp.map((p) => ['WebP', rate(p.bitsPerPixel), p.psnrDb.toFixed(2), `quality ${p.quality}`]),
  ];
  return [`${items} pictures of the ${split} split`, table(['', 'bits/pixel', 'PSNR dB', ''], rows), ...verdict].join('\n');
}
