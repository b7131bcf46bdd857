import { Command } from 'commander';
import { version } from '../service/version.ts';
import { addAnomaly } from './commands/anomaly.ts';
import { addDoctor } from './commands/doctor.ts';
import { addCompress } from './commands/compress.ts';
import { addData } from './commands/data.ts';
import { addDenoise } from './commands/denoise.ts';
import { addDevices } from './commands/devices.ts';
import { addEmbed } from './commands/embed.ts';
import { addEval } from './commands/eval.ts';
import { addGallery } from './commands/gallery.ts';
import { addInterpolate } from './commands/interpolate.ts';
import { addRecover } from './commands/recover.ts';
import { addShift } from './commands/shift.ts';
import { addVary } from './commands/vary.ts';
import { addExport } from './commands/export.ts';
import { addMix } from './commands/mix.ts';
import { addInverse } from './commands/inverse.ts';
import { addMap } from './commands/map.ts';
import { addNeighbours } from './commands/neighbours.ts';
import { addPipeline } from './commands/pipeline.ts';
import { addPoints } from './commands/points.ts';
import { addProject } from './commands/project.ts';
import { addReconstruct } from './commands/reconstruct.ts';
import { addResample } from './commands/resample.ts';
import { addResume } from './commands/resume.ts';
import { addRuns } from './commands/runs.ts';
import { addSample } from './commands/sample.ts';
import { addScorecard } from './commands/scorecard.ts';
import { addServe } from './commands/serve.ts';
import { addToy } from './commands/toy.ts';
import { addTransfer } from './commands/transfer.ts';
import { addTrain } from './commands/train.ts';
import { addManifold, addTraverse } from './commands/traverse.ts';
import { addVoices } from './commands/voices.ts';
import { addVocoder } from './commands/voice-vocoder.ts';
import { addVoicePrepare } from './commands/voice-prepare.ts';
import type { Context } from './context.ts';

/**
 * The `atelier` program.
 * @param argv as typed; `train` and `bench` are only filled in when asked for, for they take the model code
 */
export async function createProgram(context: Context, argv: readonly string[]): Promise<Command> {
  const program = new Command('atelier')
    .description('Train latent-variable models on your own pictures, look into their latent space, make new work from it.')
    .version(version, '--version')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: context.streams.out, writeErr: () => {} }); // errors are printed once, by whoever runs the program
  const first = argv.find((word) => !word.startsWith('-'));
  addDevices(program, context);
  addData(program, context);
  await addTrain(program, context, first === 'train');
  addPipeline(program, context);
  addResume(program, context);
  addEval(program, context);
  addScorecard(program, context);
  addReconstruct(program, context);
  addSample(program, context);
  addResample(program, context);
  addMix(program, context);
  addVary(program, context);
  addShift(program, context);
  addRecover(program, context);
  addInterpolate(program, context);
  addGallery(program, context);
  addAnomaly(program, context);
  addDoctor(program, context);
  addDenoise(program, context);
  addCompress(program, context);
  addTraverse(program, context);
  addManifold(program, context);
  addTransfer(program, context);
  addEmbed(program, context);
  addExport(program, context);
  addProject(program, context);
  addNeighbours(program, context);
  addMap(program, context);
  addPoints(program, context);
  addInverse(program, context);
  addRuns(program, context);
  addToy(program, context);
  const voice = program.command('voice').description('prepare recordings, train voices and convert to them');
  addVoicePrepare(voice, context);
  await addVocoder(voice, context, first === 'voice');
  await addVoices(voice, context, first === 'voice');
  addServe(program, context);
  if (first === 'bench') (await import('./commands/bench.ts')).addBench(program, context);
  else program.command('bench').description('time training steps of fixed shapes, beside PyTorch where it is installed, and a map of a million points');
  return program;
}
