import { Option, type Command } from 'commander';
import { common, type Context } from '../context.ts';
import { followTask } from '../follow-task.ts';
import { whole } from '../schema-options.ts';
import { duration, figures } from '../table.ts';

export function addEval(program: Command, context: Context): void {
  common(program.command('eval <run>'))
    .description('metrics of a trained run on a split of its data')
    .addOption(new Option('--split <name>', 'which items').choices(['train', 'validation', 'test']).default('test'))
    .option('--limit <count>', 'at most so many items', whole(1))
    .option('--importance <count>', 'samples of z an item for the importance-weighted bound, iwNats', whole(1, 10_000))
    .option('--samples <count>', 'draw so many pictures: Frechet distance, precision, recall, coverage, and by class how many are recognised', whole(10, 50_000))
    .addOption(new Option('--extractor <name>', 'features that distances are measured in (auto: the classifier for one channel with classes, else MobileNetV2)').choices(['auto', 'mobilenet', 'classifier']).default('auto'))
    .option('--learn-from <count>', 'classification accuracy score of a classifier that learns from so many drawn pictures', whole(50, 100_000))
    .option('--factors', 'MIG, DCI and FactorVAE score, for sets whose factors are known (builtin:dsprites)')
    .option('--seed <integer>', 'of the pictures drawn', whole(), 0)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const { split, limit, importance, samples, extractor, learnFrom, factors, seed, step } = options;
      const result = await followTask(context, 'evaluate', { run: context.run(run), split, limit, importance, samples, extractor, learnFrom, factors: factors ?? false, seed, step });
      context.result(result, [figures(result.metrics), `${result.items} items of the ${result.split} split, step ${result.step}, in ${duration(result.seconds)}`, ...result.notes].join('\n'));
    });
}
