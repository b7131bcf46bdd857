import { Command } from 'commander';
import { version } from '../service/version.ts';
import { addData } from './commands/data.ts';
import { addDevices } from './commands/devices.ts';
import { addEmbed } from './commands/embed.ts';
import { addEval } from './commands/eval.ts';
import { addExport } from './commands/export.ts';
import { addReconstruct } from './commands/reconstruct.ts';
import { addResume } from './commands/resume.ts';
import { addRuns } from './commands/runs.ts';
import { addSample } from './commands/sample.ts';
import { addServe } from './commands/serve.ts';
import { addTrain } from './commands/train.ts';
import type { Context } from './context.ts';

/**
 * The `atelier` program.
 * @param argv as typed; the options of the families are only made when `train` is asked for, for that takes the model code
 */
export async function createProgram(context: Context, argv: readonly string[]): Promise<Command> {
  const program = new Command('atelier')
    .description('Train latent-variable models on your own pictures, look into their latent space, make new work from it.')
    .version(version, '--version')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: context.streams.out, writeErr: () => {} }); // errors are printed once, by whoever runs the program
  addDevices(program, context);
  addData(program, context);
  await addTrain(program, context, argv.find((word) => !word.startsWith('-')) === 'train');
  addResume(program, context);
  addEval(program, context);
  addReconstruct(program, context);
  addSample(program, context);
  addEmbed(program, context);
  addExport(program, context);
  addRuns(program, context);
  addServe(program, context);
  return program;
}
