import type { Command } from 'commander';
import type { RunInfo } from '../../../electron/contract/index.ts';
import { common, type Context } from '../context.ts';
import { duration, figures, table } from '../table.ts';

export function addRuns(program: Command, context: Context): void {
  const runs = program.command('runs').description('what was trained');

  common(runs.command('list', { isDefault: true }))
    .description('the runs of the project')
    .option('--folder <folder>', 'look for runs in this folder instead')
    .action(async (options) => {
      context.use(options);
      const list = await context.call('runs.list', { folder: options.folder ? context.path(options.folder) : undefined });
      context.result(list, list.length === 0 ? 'No runs yet. Start one with: atelier train' : table(['name', 'family', 'status', 'step', 'data', 'run'], list.map((r) => [r.name, r.family, r.status, r.step, r.data.name, r.run])));
    });

  common(runs.command('info <run>'))
    .description('settings, state and metrics of one run')
    .action(async (run: string, options) => {
      context.use(options);
      const info = await context.call('runs.get', { run: context.run(run) });
      context.result(info, describe(info));
    });

  common(runs.command('rename <run> <name>'))
    .description('give a run another name')
    .action(async (run: string, name: string, options) => {
      context.use(options);
      const info = await context.call('runs.rename', { run: context.path(run), name });
      context.result(info, `Now called "${info.name}".`);
    });

  common(runs.command('remove <run>'))
    .description('move a run to the bin of the project')
    .action(async (run: string, options) => {
      context.use(options);
      await context.call('runs.remove', { run: context.path(run) });
      context.result({ removed: context.path(run) }, `In the bin. Bring it back with: atelier runs restore ${run}`);
    });

  common(runs.command('restore <run>'))
    .description('take a run back out of the bin')
    .action(async (run: string, options) => {
      context.use(options);
      const info = await context.call('runs.restore', { run: context.path(run) });
      context.result(info, `"${info.name}" is back in ${info.run}`);
    });
}

function describe(info: RunInfo): string {
  return [
    `${info.name}: ${info.family}, ${info.status} at step ${info.step} after ${duration(info.trainedSec)} on ${info.device}`,
    `data: ${info.data.name}, ${info.data.width}x${info.data.height}x${info.data.channels} (${info.data.ref})`,
    `settings: ${JSON.stringify(info.config)}`,
    `training: ${JSON.stringify(info.training)}`,
    `parameters: ${info.parameters}`,
    figures(info.summary),
    ...info.diagnoses.map((d) => `${d.severity}: ${d.message} ${d.remedy}`),
    ...(info.error ? [`error: ${info.error.message} ${info.error.remedy}`] : []),
    `run: ${info.run}`,
  ].filter(Boolean).join('\n');
}
