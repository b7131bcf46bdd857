import { Option, type Command } from 'commander';
import type { DatasetInfo } from '../../../electron/contract/index.ts';
import { common, type Context } from '../context.ts';
import { findData, importData } from '../find-data.ts';
import { whole } from '../schema-options.ts';
import { table } from '../table.ts';

export function addData(program: Command, context: Context): void {
  const data = program.command('data').description('bring pictures into the project and look at what is there');

  common(data.command('import <path>'))
    .description('a folder of pictures (subfolder = class), an idx file (also .gz), a CIFAR binary, an .npz')
    .option('--name <text>', 'name of the dataset (default: of the folder or file)')
    .option('--size <pixels>', 'side length after the square crop (default: as in the source when all are equal, else 64)', whole(8, 1024))
    .addOption(new Option('--fit <how>', 'cut off what is beyond the square, or fill up to it').choices(['cover', 'contain']).default('cover'))
    .addOption(new Option('--channels <count>', '1 grey, 3 colour, 4 with transparency').choices(['1', '3', '4']))
    .option('--frames <count>', 'the folder holds clips (animations, or folders of frames), each to be brought to so many frames', whole(2, 256))
    .option('--seed <integer>', 'of the split into training, validation and test', whole(), 0)
    .action(async (path: string, options) => {
      context.use(options);
      const { name, size, fit, seed } = options;
      const info = await importData(context, { path: context.path(path), name, size, fit, seed, frames: options.frames, ...(options.channels ? { channels: Number(options.channels) as 1 | 3 | 4 } : {}) });
      context.result(info, describe(info));
    });

  common(data.command('list'))
    .description('the datasets of the project and the built-in ones')
    .action(async (options) => {
      context.use(options);
      const list = await context.call('data.list', {});
      context.result(list, table(['name', 'items', 'size', 'classes', 'ref'], list.map((d) => [d.name, d.count, `${d.width}x${d.height}x${d.channels}`, d.classes.length, d.ref])));
    });

  common(data.command('info <data>'))
    .description('counts, classes, split, files passed over and warnings of one dataset')
    .action(async (given: string, options) => {
      context.use(options);
      const info = await findData(context, given);
      context.result(info, describe(info));
    });

  common(data.command('remove <data>'))
    .description('forget a dataset; the pictures themselves are never touched')
    .action(async (given: string, options) => {
      context.use(options);
      const info = await findData(context, given);
      await context.call('data.remove', { ref: info.ref });
      context.result({ removed: info.ref }, `"${info.name}" is off the list. Bring it back with: atelier data restore ${info.ref}`);
    });

  common(data.command('restore <ref>'))
    .description('take back a removal')
    .action(async (ref: string, options) => {
      context.use(options);
      const info = await context.call('data.restore', { ref: context.path(ref) });
      context.result(info, describe(info));
    });
}

function describe(info: DatasetInfo): string {
  const lines = [
    `${info.name}: ${info.count} items of ${info.width}x${info.height} px, ${info.channels} channel${info.channels === 1 ? '' : 's'} (${info.format}, ${info.source})`,
    `ref: ${info.ref}`,
    `split: ${info.split.train} training, ${info.split.validation} validation, ${info.split.test} test`,
  ];
  if (info.classes.length) {
    const most = info.classes.slice(0, 20).map((c) => `${c.name} ${c.count}`).join(', ');
    lines.push(`classes: ${most}${info.classes.length > 20 ? `, and ${info.classes.length - 20} more` : ''}`);
  }
  if (info.skipped.total) {
    lines.push(`passed over: ${info.skipped.total}`, ...info.skipped.files.slice(0, 10).map((f) => `  ${f.path}: ${f.reason}`));
  }
  return [...lines, ...info.warnings.map((warning) => `note: ${warning}`)].join('\n');
}
