import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { trainingPlan, type Calls, type FamilyInfo, type InputOf, type PriorInfo } from '../../../electron/contract/index.ts';
import { common, type Context } from '../context.ts';
import { dataOf } from '../find-data.ts';
import { addSchemaOptions, whole } from '../schema-options.ts';
import { finishTraining } from '../finish-training.ts';
import { bytes, duration } from '../table.ts';

const own = new Set(['preset', 'data', 'size', 'device', 'seed', 'name', 'out', 'project', 'json', 'verbose', 'quiet', 'estimate', 'help', 'version']);

/** @param wanted whether the families' own options are needed, which takes loading the models */
export async function addTrain(program: Command, context: Context, wanted: boolean): Promise<void> {
  const train = program.command('train').description('train a model; one command a family, each with its own options (see: atelier train <family> --help)').usage('<family> [options]');
  if (!wanted) return;
  const { listFamilies, listPriors } = await import('../../service/families.ts');
  const [families, priors] = await Promise.all([listFamilies(), listPriors()]);
  for (const family of families) addFamily(train, family, context);
  addPrior(train, priors[0], context);
  train.argument('[family]').action((family?: string) => {
    const known = [...families.map((f) => f.kind), 'prior'].join(', ');
    throw new InvalidArgumentError(family ? `there is no model family '${family}'. Families: ${known}` : `name a model family: ${known}`);
  });
}

function addFamily(train: Command, family: FamilyInfo, context: Context): void {
  const plan = planSchema();
  const presets = family.presets.map((p) => `${p.id}: ${p.summary}`).join('; ');
  const command = common(train.command(family.kind))
    .description(family.summary)
    .requiredOption('--data <data>', 'builtin:emoji, a dataset of the project by name or ref, or a folder or file to import')
    .option('--size <pixels>', 'side length of the pictures, for a built-in set or a folder imported now', whole(8, 1024))
    .addOption(new Option('--preset <name>', `settings to start from (${presets})`).choices(family.presets.map((p) => p.id)))
    .option('--device <device>', 'cpu, webgpu, cuda, dml, coreml or tensorflow (default: see atelier devices)')
    .option('--seed <integer>', 'of every random number', whole(), 0)
    .option('--name <text>', 'name of the run')
    .option('--out <folder>', 'folder of the run (default: a new one in the project)')
    .option('--estimate', 'say how long it would take and how much memory, and stop');
  const planOf = addSchemaOptions(command, plan, { group: 'Training:' });
  const taken = new Set([...own, ...Object.keys(plan.properties)]);
  const configOf = addSchemaOptions(command, family.schema, { group: `Model (${family.title}):`, defaults: family.defaults, taken });

  command.action(async (options) => {
    context.use(options);
    const request = {
      family: family.kind,
      preset: options.preset as string | undefined,
      config: configOf(options),
      data: await dataOf(context, options.data, options.size),
      size: options.size as number | undefined,
      training: planOf(options),
      device: options.device as string | undefined,
      seed: options.seed as number,
      name: options.name as string | undefined,
      out: options.out ? context.path(options.out) : undefined,
    };
    if (options.estimate) return showEstimate(context, request);
    const started = await context.call('train.start', request);
    await finishTraining(context, started);
  });
}

/** `train prior`: over the codes of a run, on that run's data. */
function addPrior(train: Command, prior: PriorInfo, context: Context): void {
  const plan = planSchema();
  const presets = prior.presets.map((p) => `${p.id}: ${p.summary}`).join('; ');
  const command = common(train.command('prior'))
    .description(prior.summary)
    .requiredOption('--codes-of <run>', 'run whose codes are to be learned, such as a VQ-VAE\'s')
    .option('--codes-step <integer>', 'checkpoint of that run (default: the newest)', whole())
    .addOption(new Option('--preset <name>', `settings to start from (${presets})`).choices(prior.presets.map((p) => p.id)))
    .option('--device <device>', 'cpu, webgpu, cuda, dml, coreml or tensorflow (default: see atelier devices)')
    .option('--seed <integer>', 'of every random number', whole(), 0)
    .option('--name <text>', 'name of the run')
    .option('--out <folder>', 'folder of the run (default: a new one in the project)')
    .option('--estimate', 'say how long it would take and how much memory, and stop');
  const planOf = addSchemaOptions(command, plan, { group: 'Training:', only: (name) => name !== 'augmentFlip' });
  const taken = new Set([...own, 'codesOf', 'codesStep', ...Object.keys(plan.properties)]);
  const configOf = addSchemaOptions(command, prior.schema, { group: `Model (${prior.title}):`, defaults: prior.defaults, taken });
  command.action(async (options) => {
    context.use(options);
    const request = {
      codesOf: context.run(options.codesOf),
      codesStep: options.codesStep as number | undefined,
      family: prior.kind,
      preset: options.preset as string | undefined,
      config: configOf(options),
      training: planOf(options),
      device: options.device as string | undefined,
      seed: options.seed as number,
      name: options.name as string | undefined,
      out: options.out ? context.path(options.out) : undefined,
    };
    if (options.estimate) return showEstimate(context, request);
    await finishTraining(context, await context.call('train.prior', request));
  });
}

async function showEstimate(context: Context, request: InputOf<Calls['train.estimate']>): Promise<void> {
  const e = await context.call('train.estimate', request);
  context.result(e, [
    `${duration(e.totalSec)} for ${e.steps} steps of ${(e.secondsPerStep * 1000).toFixed(0)} ms on ${e.device}, ${e.parameters} parameters, ${bytes(e.memoryBytes)} of ${bytes(e.freeMemoryBytes)} free memory (${e.basis}).`,
    ...e.warnings.map((w) => `note: ${w}`),
  ].join('\n'));
}

const planSchema = () => z.toJSONSchema(trainingPlan, { io: 'input' }) as { properties: Record<string, unknown> };
