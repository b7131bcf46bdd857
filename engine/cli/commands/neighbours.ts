import { Option, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { followTask } from '../follow-task.ts';
import { number, whole } from '../schema-options.ts';
import { duration } from '../table.ts';
import { names } from './project.ts';

export function addNeighbours(program: Command, context: Context): void {
  common(program.command('neighbours <table>'))
    .description('the nearest rows of each row, in the space of the vectors')
    .requiredOption('--out <file>', 'table to write: .parquet, .csv, .tsv, .jsonl or .json')
    .option('--count <integer>', 'neighbours of each row, itself not counted', whole(1, 1000), 15)
    .option('--metadata <file>', 'a second table with as many rows, in the same order')
    .option('--columns <names>', 'columns that make the vectors, with commas; of npz and safetensors the array', names)
    .addOption(new Option('--metric <name>', 'how far apart vectors are').choices(['euclidean', 'cosine']).default('euclidean'))
    .option('--recall <number>', 'share of the true neighbours to find in tables of more than 20,000 rows, 0.5 to 1; 1 searches exactly', number(0.5, 1), 0.995)
    .option('--seed <integer>', 'of the search in large tables', whole(), 0)
    .action(async (given: string, options) => {
      context.use(options);
      const result = await followTask(context, 'neighbours', {
        table: context.path(given),
        metadata: options.metadata && context.path(options.metadata),
        columns: options.columns,
        out: context.path(options.out),
        k: options.count,
        metric: options.metric,
        recall: options.recall,
        seed: options.seed,
      });
      context.result(result, `${result.k} neighbours of ${result.rows} rows in ${result.out}, in ${duration(result.seconds)}; ${(result.searchRecall * 100).toFixed(1)}% of the true ones.`);
    });
}
