import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { number, whole } from '../schema-options.ts';
import { table } from '../table.ts';

export function addToy(program: Command, context: Context): void {
  common(program.command('toy'))
    .description('learn mu so that E ||x - [5, 5]||^2 is least for x ~ N(mu, I): the pathwise gradient beside the score function\'s')
    .option('--samples <integer>', 'draws per step', whole(1, 1024), 8)
    .option('--learning-rate <number>', 'how big a step is', number(0, 1), 0.02)
    .option('--steps <integer>', 'how many', whole(1, 2000), 200)
    .option('--seed <integer>', 'of the draws', whole(), 0)
    .action(async (options) => {
      context.use(options);
      const { samples, learningRate, steps, seed } = options;
      const found = await context.call('toy.pathwise', { samples, learningRate, steps, seed });
      const plain = Object.fromEntries(Object.entries(found).map(([kind, { mu, gradient, variance }]) => [kind, { mu: Array.from(mu), gradient: Array.from(gradient), variance: Array.from(variance) }]));
      const shown = [0, 0.1, 0.25, 0.5, 1].map((part) => Math.max(1, Math.round(part * steps)));
      const rows = [...new Set(shown)].map((step) => [String(step), ...[found.pathwise, found.score].flatMap(({ mu, variance }) => [`${mu[2 * step].toFixed(2)}, ${mu[2 * step + 1].toFixed(2)}`, variance[step - 1].toPrecision(3)])]);
      context.result(plain, table(['step', 'pathwise mu', 'variance', 'score mu', 'variance'], rows));
    });
}
