import { extname } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { whole } from '../schema-options.ts';
import { openPoints, spriteSize } from './map.ts';
import { names } from './project.ts';

const FORMATS = ['parquet', 'csv', 'tsv', 'json', 'jsonl'] as const;

export function addPoints(program: Command, context: Context): void {
  common(program.command('points <table>'))
    .description('choose points of a table or a run, and write them as a table, or their map as one HTML file')
    .option('--where <expression>', "which points, such as: label = 'face' and kl > 3 (default: all)")
    .option('--near <row>', 'only the points nearest to this one, in the space of the vectors', whole())
    .option('--count <integer>', 'how many of them', whole(1, 1000), 12)
    .addOption(new Option('--metric <name>', 'how far apart vectors are').choices(['euclidean', 'cosine']).default('euclidean'))
    .option('--out <file>', 'table (.parquet, .csv, .tsv, .json, .jsonl) or page (.html) to write; without it only the count is told')
    .option('--layout <id>', 'coordinates to write: columns:x,y,z, pca:0,1,2, raw:0,1,2, or a kept projection (default for a page: the first there is)')
    .option('--keep <names>', 'columns to write, with commas (default: all)', names)
    .option('--vectors', 'write the vectors too')
    .option('--color-by <column>', 'of a page')
    .option('--thumbnails', 'pictures in a page, up to 2048 points')
    .option('--light', 'a bright page')
    .option('--metadata <file>', 'a second table with as many rows, in the same order')
    .option('--columns <names>', 'columns that make the vectors, with commas', names)
    .option('--sprite <file>', 'one picture of all thumbnails, row by row')
    .option('--sprite-size <WxH>', 'pixels of one thumbnail in it', spriteSize)
    .addOption(new Option('--items <name>', 'of a run: which items').choices(['map', 'train', 'validation', 'test', 'all']).default('map'))
    .option('--codebook', 'of a run: the codes of its codebook instead')
    .option('--step <integer>', 'of a run: checkpoint to take (default: the newest)', whole())
    .action(async (given: string, options) => {
      context.use(options);
      const format = options.out === undefined ? null : extname(options.out).slice(1).toLowerCase();
      if (format !== null && format !== 'html' && !FORMATS.includes(format as 'csv')) throw new InvalidArgumentError(`--out ${options.out}: points are written as ${FORMATS.join(', ')} or html.`);
      const source = await openPoints(context, given, options);
      for (const warning of source.warnings) context.log.warn(warning);
      const { id } = source;
      let chosen: { points?: Uint8Array | Int32Array; count: number } = { count: source.count };
      if (options.where !== undefined) {
        const { bits, count } = await context.call('points.filter', { source: id, expression: options.where });
        chosen = { points: bits, count };
      }
      if (options.near !== undefined) {
        const { indices } = await context.call('points.neighbours', { source: id, index: options.near, count: options.count, metric: options.metric });
        const { points: before } = chosen;
        const kept = before ? indices.filter((i) => (before[i >> 3] & (1 << (i & 7))) !== 0) : indices;
        chosen = { points: kept, count: kept.length };
      }
      if (format === null) return context.result({ source: id, count: chosen.count, of: source.count }, `${chosen.count} of ${source.count} points.`);
      const out = context.path(options.out);
      const { points } = chosen;
      const result =
        format === 'html'
          ? await context.call('out.page', { source: id, layout: options.layout ?? source.layouts[0].id, colorBy: options.colorBy ?? source.colorBy ?? undefined, points, columns: options.keep, thumbnails: options.thumbnails, dark: !options.light, out })
          : await context.call('out.points', { source: id, points, layout: options.layout, columns: options.keep, vectors: options.vectors, format: format as 'csv', out });
      context.result({ source: id, out: result.out, count: result.count, of: source.count }, `${result.count} of ${source.count} points in ${result.out}`);
    });
}
