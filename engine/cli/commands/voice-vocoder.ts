import { Option, type Command } from 'commander';
import { z } from 'zod';
import { trainingPlan } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { exists } from '../exists.ts';
import { finishTraining } from '../finish-training.ts';
import { followTask } from '../follow-task.ts';
import { addSchemaOptions, whole } from '../schema-options.ts';
import { figures } from '../table.ts';

/** `atelier voice vocoder` and `vocode`. @param wanted whether the model's own options are needed */
export async function addVocoder(voice: Command, context: Context, wanted: boolean): Promise<void> {
  common(voice.command('vocode <files...>'))
    .description('recordings to spectra and back: what a vocoder alone does to them, with its distance in dB')
    .requiredOption('--out <folder>', 'folder to write to')
    .option('--run <folder>', 'run of a vocoder (default: the one that ships)')
    .option('--plain', 'Griffin and Lim\'s method instead, which has learned nothing')
    .option('--compare', 'measure 60 iterations of Griffin and Lim\'s method beside it')
    .addOption(new Option('--format <name>', 'of the files').choices(['wav', 'flac', 'mp3']).default('wav'))
    .action(async (files: string[], options) => {
      context.use(options);
      const paths = files.map((path) => context.path(path));
      for (const path of paths) if (!(await exists(path))) throw new AtelierError('not-found', `There is no ${path}.`, 'Check the path.');
      const { folder, items } = await followTask(context, 'vocode', { paths, out: context.path(options.out), format: options.format, compare: options.compare ?? false, plain: options.plain ?? false, ...(options.run ? { run: context.path(options.run) } : {}) });
      const lines = items.map((item) =>
        `${item.out}  ${figures({ spectralDistanceDb: item.spectralDistanceDb, hopLineDb: item.hopLineDb, ...(item.griffinLimDistanceDb === null ? {} : { griffinLimDistanceDb: item.griffinLimDistanceDb }), timesRealtime: item.timesRealtime })}`);
      context.result({ out: folder, items }, lines.join('\n'));
    });

  const command = common(voice.command('vocoder'))
    .description('train a vocoder on prepared recordings (see: atelier voice prepare)')
    .requiredOption('--data <set>', 'folder of the prepared recordings')
    .option('--device <device>', 'cpu, webgpu, cuda, dml, coreml or tensorflow (default: see atelier devices)')
    .option('--seed <integer>', 'of every random number', whole(), 0)
    .option('--name <text>', 'name of the run')
    .option('--out <folder>', 'folder of the run (default: a new one in the project)');
  if (!wanted) return;
  const { vocoder } = await import('../../models/vocoder.ts');
  command.addOption(new Option('--preset <name>', `settings to start from (${vocoder.presets.map((p) => `${p.id}: ${p.summary}`).join('; ')})`).choices(vocoder.presets.map((p) => p.id)));
  const plan = z.toJSONSchema(trainingPlan, { io: 'input' }) as { properties: Record<string, unknown> };
  const planOf = addSchemaOptions(command, plan, { group: 'Training:', only: (name) => name !== 'augmentFlip' });
  const taken = new Set(['preset', 'data', 'device', 'seed', 'name', 'out', 'project', 'json', 'verbose', 'quiet', 'help', 'version', ...Object.keys(plan.properties)]);
  const configOf = addSchemaOptions(command, z.toJSONSchema(vocoder.schema, { io: 'input' }) as { properties: Record<string, unknown> }, { group: 'Model:', defaults: vocoder.defaults, taken });
  command.action(async (options) => {
    context.use(options);
    const started = await context.call('voice.vocoder', {
      set: context.path(options.data), preset: options.preset, config: configOf(options), training: planOf(options), device: options.device, seed: options.seed, name: options.name,
      out: options.out ? context.path(options.out) : undefined,
    });
    await finishTraining(context, started);
  });
}
