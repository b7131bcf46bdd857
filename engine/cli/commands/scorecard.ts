import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { followJob } from '../follow-job.ts';
import { references, type Reference } from '../scorecard/references.ts';
import { definitionOf, folderOf, goalText, loadResult, reached, saveResult, type Result } from '../scorecard/result.ts';
import { valueText, writeTable, type Row } from '../scorecard/table.ts';
import { duration, table } from '../table.ts';
import { names } from './project.ts';

export function addScorecard(program: Command, context: Context): void {
  common(program.command('scorecard'))
    .description('reference runs beside what is published: trains those that have no result yet, and prints configuration, seed and time with each figure')
    .option('--only <names>', `which, with commas: ${references.map((r) => r.id).join(', ')}`, names)
    .option('--retrain', 'train them again even where a result was kept')
    .option('--kept', 'train nothing: show the results that were kept')
    .option('--write <file>', 'put the table into this Markdown file, between its marks')
    .action(async (options) => {
      context.use(options);
      const chosen = choose(options.only);
      if (options.retrain && options.kept) throw new InvalidArgumentError('--retrain and --kept contradict each other.');
      const results = new Map<string, Result>();
      for (const reference of chosen) {
        const kept = options.retrain ? null : await loadResult(reference);
        if (!kept && options.kept) continue;
        if (!kept) context.note(`${reference.title}: ${reference.configuration}`);
        results.set(reference.id, kept ?? (await make(context, reference)));
      }
      const rows: Row[] = [];
      for (const reference of references) {
        const result = results.get(reference.id);
        if (!result) continue;
        const other = reference.against === undefined ? undefined : (results.get(reference.against) ?? (await loadResult(references.find((r) => r.id === reference.against)!)));
        if (reference.against !== undefined && !other) {
          context.note(`${reference.title} is compared with ${reference.against}, which has no result yet.`);
          continue;
        }
        for (const figure of reference.figures) rows.push({ reference, figure, result, value: figure.value(result.metrics, other?.metrics) });
      }
      if (options.write) await writeTable(context.path(options.write), rows);
      const json = rows.map(({ reference, figure, result, value }) => ({
        id: reference.id, run: reference.title, figure: figure.title, value, unit: figure.unit, published: figure.published, goal: goalText(figure) || null, reached: reached(figure, value),
        configuration: reference.configuration, steps: result.steps, seed: result.seed, trainedSec: result.seconds, device: result.device, date: result.date, notes: result.notes,
      }));
      context.result(json, rows.length === 0 ? 'No results were kept.' : table(
        ['run', 'figure', 'published', 'ours', 'goal', '', 'configuration', 'seed', 'time'],
        rows.map(({ reference, figure, result, value }) => [
          reference.title, figure.title, figure.published, valueText(value, figure), goalText(figure), { true: 'reached', false: 'not reached', null: '' }[String(reached(figure, value)) as 'true' | 'false' | 'null'],
          `${reference.configuration}, ${result.steps} steps`, String(result.seed), duration(result.seconds),
        ]),
      ));
    });
}

function choose(only: string[] | undefined): readonly Reference[] {
  if (!only) return references;
  const unknown = only.find((id) => !references.some((r) => r.id === id));
  if (unknown !== undefined) throw new InvalidArgumentError(`there is no reference run '${unknown}'. There are ${references.map((r) => r.id).join(', ')}`);
  return references.filter((r) => only.includes(r.id));
}

/** Trains and evaluates one. */
async function make(context: Context, reference: Reference): Promise<Result> {
  const folder = folderOf(reference);
  await rm(folder, { recursive: true, force: true });
  const { seed, title } = reference;
  const started = await context.call('train.start', { ...reference.train, seed, name: title, out: join(folder, 'run') });
  let trained = await finished(context, started);
  let seconds = trained.trainedSec;
  if (reference.prior) {
    trained = await finished(context, await context.call('train.prior', { ...reference.prior, codesOf: trained.run, seed, out: join(folder, 'prior') }));
    seconds += trained.trainedSec;
  }
  context.note('Evaluating');
  const found = await context.call('runs.evaluate', { ...reference.evaluate, run: trained.run });
  const result: Result = {
    id: reference.id, definition: definitionOf(reference), metrics: found.metrics, notes: found.notes, device: trained.device, seed,
    steps: trained.step, seconds, evaluationSeconds: found.seconds, items: found.items, date: new Date().toISOString(),
  };
  await saveResult(reference, result);
  return result;
}

async function finished(context: Context, { job, run }: { job: string; run: string }) {
  const ended = await followJob(context, job);
  if (ended.state !== 'done') throw new AtelierError('cancelled', 'The scorecard was stopped.', 'Start it again: results that are done are kept.');
  return context.call('runs.get', { run });
}
