import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';
import { canvasOf } from '../canvas-of.ts';

export function addInterpolate(program: Command, context: Context): void {
  common(program.command('interpolate <run> <pictures...>'))
    .description('a film from picture to picture through what lies between them; item numbers of the run\'s data are pictures too')
    .requiredOption('--out <file>', 'film (.gif, .webp) or, ending in .png, all frames as one sheet')
    .addOption(new Option('--through <way>', 'latents: code vectors are blended; codes: one cell after another; levels: one grid after another').choices(['latents', 'codes', 'levels']).default('latents'))
    .addOption(new Option('--easing <kind>', 'linear, smooth, or hold: with a rest at each picture').choices(['linear', 'smooth', 'hold']).default('smooth'))
    .option('--between <integer>', 'frames from one picture to the next', whole(1, 120), 12)
    .option('--loop', 'go back to the first picture at the end')
    .option('--fps <number>', 'frames a second', number(1, 60), 12)
    .option('--scale <integer>', 'enlarge the film so many times', whole(1, 16), 1)
    .option('--seed <integer>', 'of the order in which cells change over', whole(), 0)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, pictures: string[], options) => {
      context.use(options);
      const { through, easing, between, loop, fps, scale, seed, step } = options;
      const keys = [];
      for (const name of pictures) keys.push(await canvasOf(context, run, { ...(/^\d+$/.test(name) ? { item: Number(name) } : { file: name }), step }));
      const path = context.path(options.out);
      const film = extname(path).toLowerCase() !== '.png';
      const { frames } = await context.call('studio.interpolate', { run: context.run(run), step, keys, through, easing, between, loop, fps, seed, scale, out: film ? path : undefined });
      if (!film) await savePicture(path, frames);
      context.result({ out: path, frames: frames.count, fps, through }, `${frames.count} frames in ${path}`);
    });
}
