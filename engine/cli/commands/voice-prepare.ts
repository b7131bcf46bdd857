import type { Command } from 'commander';
import type { VoiceSetInfo } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { followJob } from '../follow-job.ts';
import { whole } from '../schema-options.ts';
import { table } from '../table.ts';

/** `atelier voice prepare` and `sets`: recordings before anything is trained on them. */
export function addVoicePrepare(voice: Command, context: Context): void {
  common(voice.command('prepare <path>'))
    .description('recordings ready for training: a folder with one folder per speaker, or a table (.csv, .tsv) of files with speaker and text')
    .option('--out <folder>', 'folder to write, which must not exist (default: in the project)')
    .option('--name <text>', 'name of the set (default: of the folder)')
    .option('--seed <integer>', 'of the split into training, validation and test', whole(), 0)
    .action(async (path: string, options) => {
      context.use(options);
      const { name, seed, out } = options;
      const { job } = await context.call('voice.prepare', { path: context.path(path), name, seed, ...(out ? { out: context.path(out) } : {}) });
      const ended = await followJob(context, job);
      if (ended.state !== 'done' || !ended.result) throw new AtelierError('cancelled', 'Preparing the recordings was called off.', 'Start it again.');
      const info = await context.call('voice.set', { set: ended.result });
      context.result(info, describe(info));
    });

  common(voice.command('sets [set]'))
    .description('the prepared recordings of the project, or all about one of them')
    .action(async (set: string | undefined, options) => {
      context.use(options);
      if (set) {
        const info = await context.call('voice.set', { set: context.path(set) });
        context.result(info, describe(info));
        return;
      }
      const list = await context.call('voice.sets', {});
      context.result(list, table(['name', 'speakers', 'minutes', 'ref'], list.map((s) => [s.name, s.speakers.length, (s.durationSec / 60).toFixed(1), s.ref])));
    });
}

function describe(info: VoiceSetInfo): string {
  return [
    `${info.name}: ${(info.durationSec / 60).toFixed(1)} min in ${info.utterances} stretches of speech`,
    `ref: ${info.ref}`,
    `split: ${info.split.train} training, ${info.split.validation} validation, ${info.split.test} test`,
    table(['speaker', 'minutes', 'stretches', 'median F0'], info.speakers.map((s) => [s.name, (s.durationSec / 60).toFixed(1), s.utterances, `${s.medianF0Hz.toFixed(0)} Hz`])),
    ...(info.skipped.total ? [`left out: ${info.skipped.total}`, ...info.skipped.files.slice(0, 10).map((f) => `  ${f.path}: ${f.reason}`)] : []),
    ...info.warnings.map((warning) => `note: ${warning}`),
  ].join('\n');
}
