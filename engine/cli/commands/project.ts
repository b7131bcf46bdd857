import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ProjectionSummary } from '../../service/projections/request.ts';
import { common, type Context } from '../context.ts';
import { followTask } from '../follow-task.ts';
import { number, whole } from '../schema-options.ts';
import { duration, figure } from '../table.ts';

export const names = (text: string): string[] => text.split(',').map((name) => name.trim()).filter((name) => name !== '');

export function addProject(program: Command, context: Context): void {
  common(program.command('project <table>'))
    .description('lay vectors out in two or three dimensions: a table of positions with the other columns, for the map and for other tools')
    .requiredOption('--out <file>', 'table to write: .parquet, .csv, .tsv, .jsonl or .json')
    .addOption(new Option('--method <name>', 'pca: directions of most variance; umap, tsne: neighbours stay neighbours').choices(['pca', 'umap', 'tsne']).default('umap'))
    .addOption(new Option('--dims <count>', 'dimensions of the layout').choices(['2', '3']).default('3'))
    .option('--metadata <file>', 'a second table with as many rows, in the same order')
    .option('--columns <names>', 'columns that make the vectors, with commas; of npz and safetensors the array (default: see what was taken in the result)', names)
    .addOption(new Option('--metric <name>', 'how far apart vectors are').choices(['euclidean', 'cosine']).default('euclidean'))
    .option('--neighbours <integer>', 'umap: rows of a neighbourhood, 2 to 200; more show the large, fewer the small', whole(2, 200), 15)
    .option('--min-dist <number>', 'umap: how close points may lie, 0 to spread', number(0, 10), 0.1)
    .option('--spread <number>', 'umap: scale of the layout', number(0.01, 10), 1)
    .option('--perplexity <number>', 'tsne: how many neighbours a row feels, 2 to 200', number(2, 200), 30)
    .option('--epochs <integer>', 'umap: epochs (default: 500 up to 10,000 rows, else 200); tsne: rounds after the early ones (default: 500)', whole(1, 100_000))
    .option('--supervise <column>', 'umap: draw the classes of this column apart')
    .option('--align <file>', 'an earlier result of the same rows: turn the layout onto it')
    .option('--into <table>', 'place the rows into the layout of this table, which stays as it is; needs --layout')
    .option('--layout <file>', 'the layout made of the table of --into, by --method')
    .option('--seed <integer>', 'the same seed gives the same layout', whole(), 0)
    .option('--no-quality', 'do not measure trustworthiness, continuity and the neighbour recall of each row')
    .action(async (given: string, options) => {
      context.use(options);
      if ((options.into === undefined) !== (options.layout === undefined)) throw new InvalidArgumentError('--into and --layout belong together.');
      const result = await followTask(context, 'project', {
        table: context.path(given),
        metadata: options.metadata && context.path(options.metadata),
        columns: options.columns,
        method: options.method,
        dims: Number(options.dims) as 2 | 3,
        out: context.path(options.out),
        metric: options.metric,
        neighbours: options.neighbours,
        minDist: options.minDist,
        spread: options.spread,
        epochs: options.epochs,
        perplexity: options.perplexity,
        supervise: options.supervise,
        align: options.align && context.path(options.align),
        into: options.into && { table: context.path(options.into), layout: context.path(options.layout) },
        seed: options.seed,
        quality: options.quality,
      });
      context.result(result, describe(result));
    });
}

function describe(r: ProjectionSummary): string {
  const vectors = r.vectors.length > 4 ? `${r.vectors.slice(0, 3).join(', ')}, ... ${r.vectors.at(-1)}` : r.vectors.join(', ');
  const lines = [`${r.rows} rows of ${r.dimensions} dimensions (${vectors}) in ${r.out}, in ${duration(r.seconds.total)}.`];
  if (r.explained) lines.push(`Variance shown: ${r.explained.map((v) => `${(v * 100).toFixed(1)}%`).join(', ')}.`);
  if (r.quality) {
    const { trustworthiness, continuity, neighbourRecall, k } = r.quality;
    lines.push(`Of ${k} neighbours ${(neighbourRecall * 100).toFixed(0)}% stay; trustworthiness ${figure(trustworthiness)}, continuity ${figure(continuity)}.`);
  }
  if (r.searchRecall !== null && r.searchRecall < 1) lines.push(`The search found ${(r.searchRecall * 100).toFixed(1)}% of the true neighbours.`);
  if (r.excludedRows > 0) lines.push(`${r.excludedRows} rows were left out; the warnings name them.`);
  return lines.join('\n');
}
