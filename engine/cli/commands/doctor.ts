import { Argument, type Command } from 'commander';
import type { Calls, Diagnosis, Health, InputOf, RunInfo } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { finishTraining } from '../finish-training.ts';
import { number, whole } from '../schema-options.ts';
import { table } from '../table.ts';

export function addDoctor(program: Command, context: Context): void {
  common(program.command('doctor'))
    .description('what is well with a run and what is not, in sentences, with remedies; or start a new run with a remedy')
    .addArgument(new Argument('<run>', 'folder of the run'))
    .option('--repair [code]', 'train a new run on the same data with the remedy of this finding (of the gravest where none is named)')
    .option('--steps <integer>', 'with --repair: steps of the new run (default: those of the old one)', whole(1))
    .option('--minutes <number>', 'with --repair: minutes of training', number(0.01, 100_000))
    .option('--name <text>', 'with --repair: name of the new run')
    .option('--out <folder>', 'with --repair: its folder (default: a new one in the project)')
    .action(async (folder: string, options) => {
      context.use(options);
      const run = context.run(folder);
      const health = await context.call('runs.health', { run });
      const info = await context.call('runs.get', { run });
      if (options.repair === undefined) {
        const { name, status, step } = info;
        return context.result({ run, name, family: info.family, status, ...health }, describe(info, health, step));
      }
      const finding = chosen(health, options.repair);
      context.note(`${finding.message} ${finding.remedy}`);
      const request = repaired(info, finding, options.steps || options.minutes ? { steps: options.steps, minutes: options.minutes } : {});
      await finishTraining(context, await context.call('train.start', { ...request, name: options.name ?? `${info.name}, repaired`.slice(0, 120), out: options.out ? context.path(options.out) : undefined }));
    });
}

const GRAVITY = { danger: 0, warning: 1, info: 2 } as const;

function chosen({ checks }: Health, code: string | true): Diagnosis {
  const findings = checks.flatMap(({ finding }) => (finding ? [finding] : [])).sort((a, b) => GRAVITY[a.severity] - GRAVITY[b.severity]);
  const found = code === true ? findings[0] : findings.find((finding) => finding.code === code);
  if (found?.config) return found;
  const known = findings.filter(({ config }) => config).map((finding) => finding.code);
  const message = code === true ? 'There is nothing to repair.' : found ? `'${code}' has no settings that would repair it.` : `The doctor did not find '${code}'.`;
  throw new AtelierError('bad-input', message, known.length ? `It can repair ${known.join(', ')}.` : 'Look at the findings: atelier doctor <run>.');
}

/** A run like this one with what the finding would change. */
function repaired(info: RunInfo, { config, training }: Diagnosis, length: { steps?: number; minutes?: number }): InputOf<Calls['train.start']> {
  if (info.codec) throw new AtelierError('bad-input', `"${info.name}" is a prior.`, 'Train another with: atelier train prior.');
  const { steps, minutes, ...plan } = { ...info.training, ...training };
  const whole = length.steps === undefined && length.minutes === undefined ? { steps, minutes } : length;
  return {
    family: info.family, config: config!, data: info.data.ref, seed: info.seed, device: info.device,
    ...(info.data.ref.startsWith('builtin:') ? { size: info.data.width } : {}),
    training: { ...plan, ...whole },
  };
}

function describe(info: RunInfo, { step, checks, note }: Health, at: number): string {
  const findings = checks.flatMap(({ finding }) => (finding ? [finding] : []));
  const lines = [`${info.name}: ${info.status} at step ${at}${step !== null && step !== at ? `, judged by the evaluation of step ${step}` : ''}`];
  if (checks.length > 0) lines.push(table(['check', '', 'found'], checks.map(({ title, measured, finding }) => [title, finding ? finding.severity : 'well', measured])));
  for (const { code, message, remedy, config } of findings) lines.push(`${message} ${remedy}${config && !info.codec ? `\n  atelier doctor <run> --repair ${code}` : ''}`);
  if (checks.length > 0 && findings.length === 0) lines.push('Nothing is wrong that the doctor knows of.');
  if (note) lines.push(note);
  return lines.join('\n');
}
