import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { trainingPlan, type TakeScores } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { exists } from '../exists.ts';
import { finishTraining } from '../finish-training.ts';
import { followTask } from '../follow-task.ts';
import { addSchemaOptions, number, whole } from '../schema-options.ts';
import { figures, table } from '../table.ts';

const BUILTIN = 'builtin:voices';
const modelOption = ['--model <voices>', `${BUILTIN}, or the run of a voice training`, BUILTIN] as const;

/** `atelier voice ...` that has to do with trained voices. @param wanted whether the model's own options are needed */
export async function addVoices(voice: Command, context: Context, wanted: boolean): Promise<void> {
  await addTrain(voice, context, wanted);

  common(voice.command('speakers'))
    .description('the voices of a model')
    .option(...modelOption)
    .action(async (options) => {
      context.use(options);
      const info = await context.call('voices.info', { model: context.path(options.model) });
      context.result(info, [
        `${info.name}: ${info.codes} codes, ${info.codesPerSec.toFixed(1)} a second, ${info.bitsPerSec.toFixed(0)} bit/s, step ${info.step}`,
        table(['voice', 'median F0', 'recordings'], info.voices.map((v) => [v.name, `${v.medianF0Hz.toFixed(0)} Hz`, `${(v.durationSec / 60).toFixed(1)} min`])),
      ].join('\n'));
    });

  common(voice.command('convert <paths...>'))
    .description('files, or all the sound in folders, in another voice; each take with its scores')
    .option(...modelOption)
    .option('--speaker <name>', 'voice to convert to (see: atelier voice speakers)')
    .option('--reference <file>', 'instead: a recording of another voice, up to a minute of it')
    .option('--pitch <semitones>', 'against the source (default: to the median of the voice)', number(-36, 36))
    .option('--formant <semitones>', 'moves the formants beyond those of the voice', number(-12, 12), 0)
    .option('--strength <number>', 'from the source\'s own voice (0) to the target\'s (1)', number(0, 1), 1)
    .requiredOption('--out <path>', 'folder to write to; with one source, or a file')
    .addOption(new Option('--format <name>', 'of the files (default: wav, or the ending of --out)').choices(['wav', 'flac', 'mp3']))
    .action(async (paths: string[], options) => {
      context.use(options);
      if (!options.speaker && !options.reference) throw new AtelierError('bad-input', 'No voice was named to convert to.', 'Give --speaker or --reference; atelier voice speakers lists the voices.');
      const out = context.path(options.out);
      const ending = extname(out).slice(1).toLowerCase();
      const single = ['wav', 'flac', 'mp3'].includes(ending);
      const given = paths.map((path) => context.path(path));
      for (const path of given) if (!(await exists(path))) throw new AtelierError('not-found', `There is no ${path}.`, 'Check the path.');
      const { folder, items } = await followTask(context, 'convertBatch', {
        model: context.path(options.model), paths: given, out, single, format: options.format ?? (single ? ending : 'wav'),
        settings: { voice: options.speaker ?? null, reference: options.reference ? context.path(options.reference) : null, pitchSemitones: options.pitch ?? null, formantSemitones: options.formant, strength: options.strength },
      });
      context.result({ out: folder, items }, items.map((item) => (item.scores ? `${item.out}  ${scoreText(item.scores)}  ${item.timesRealtime.toFixed(1)}x realtime` : `${item.source}: ${item.error}`)).join('\n'));
      if (items.every(({ error }) => error !== null)) throw new AtelierError('bad-data', 'Nothing could be converted.', 'See the reason of each file.');
    });

  common(voice.command('live <file>'))
    .description('a recording converted as live conversion would, chunk by chunk, with the delay that was measured')
    .option(...modelOption)
    .requiredOption('--speaker <name>', 'voice to convert to (see: atelier voice speakers)')
    .option('--pitch <semitones>', 'against the source (default: to the median of the voice)', number(-36, 36))
    .requiredOption('--out <file>', 'file to write: .wav, .flac or .mp3')
    .action(async (file: string, options) => {
      context.use(options);
      const source = context.path(file);
      if (!(await exists(source))) throw new AtelierError('not-found', `There is no ${source}.`, 'Check the path.');
      const out = context.path(options.out);
      const format = (['wav', 'flac', 'mp3'] as const).find((ending) => out.toLowerCase().endsWith(`.${ending}`));
      if (!format) throw new AtelierError('bad-input', `${out} is no kind of sound that is written.`, 'Let it end in .wav, .flac or .mp3.');
      const found = await followTask(context, 'liveVoices', {
        model: context.path(options.model), source, out, format,
        settings: { voice: options.speaker, reference: null, pitchSemitones: options.pitch ?? null, formantSemitones: 0, strength: 1 },
      });
      context.result(found, [
        `${found.out}: ${found.chunks} chunks of ${found.chunkMs.toFixed(0)} ms`,
        `late by ${found.latencyMs.toFixed(0)} ms, 19 times in 20: chunk and look ahead ${found.delayMs.toFixed(0)} ms, computing ${found.computeMs.median.toFixed(0)} ms (in the middle) to ${found.computeMs.most19of20.toFixed(0)} ms, ${found.computeMs.most.toFixed(0)} ms at most`,
        found.late === 0 ? 'every chunk was ready before the next came' : `${found.late} chunks took longer than they play: live, it would stutter`,
      ].join('\n'));
    });

  common(voice.command('evaluate'))
    .description('figures on held-out recordings: who a recogniser hears, pitch, what the codes tell of the speaker, speed, delay')
    .option(...modelOption)
    .option('--data <set>', 'prepared recordings of the model\'s voices (default: those it was trained on)')
    .option('--limit <integer>', 'sentences to convert', whole(1, 1000), 24)
    .option('--unseen', 'nothing of --data was learned from: use all of it')
    .action(async (options) => {
      context.use(options);
      const model = context.path(options.model);
      const set = options.data ? context.path(options.data) : model.startsWith('builtin:') ? undefined : (await context.call('runs.get', { run: model })).data.ref;
      if (!set) throw new AtelierError('bad-input', 'The recordings of the sample voices do not ship.', 'Prepare recordings of these voices and give them as --data.');
      const found = await followTask(context, 'evaluateVoices', { model, set, limit: options.limit, unseen: options.unseen ?? false });
      context.result(found, [...Object.entries(found.figures).map(([name, value]) => `${name.padEnd(24)} ${value.toFixed(3)}`), `${found.pairs} sentences converted in ${found.seconds.toFixed(0)} s`, ...found.notes].join('\n'));
    });

  common(voice.command('export'))
    .description('encoder, decoder and listener as ONNX files with a manifest; each is run alone and compared')
    .option(...modelOption)
    .option('--out <folder>', 'where to write')
    .option('--bundle <file>', 'instead: everything in one file (.safetensors), which --model takes too')
    .option('--vocoder <run>', 'of the bundle: the run of a vocoder that is to speak for it')
    .option('--voices <names>', 'of the bundle: only these voices, comma-separated')
    .option('--small', 'of the bundle: weights in one octet each, half the size')
    .option('--frames <integer>', 'frames per call of the exported files, even', whole(16, 4096), 256)
    .action(async (options) => {
      context.use(options);
      if ((options.out === undefined) === (options.bundle === undefined)) throw new AtelierError('bad-input', 'Where to write was not named.', 'Give --out <folder> or --bundle <file>.');
      if (options.bundle) {
        const packed = await followTask(context, 'packVoices', {
          model: context.path(options.model), out: context.path(options.bundle), small: options.small ?? false,
          ...(options.vocoder ? { vocoder: context.path(options.vocoder) } : {}),
          ...(options.voices ? { voices: String(options.voices).split(',').map((name) => name.trim()).filter(Boolean) } : {}),
        });
        context.result(packed, `${packed.voices.join(', ')} in ${packed.path}${packed.vocoder ? ', with their vocoder' : ''}`);
        return;
      }
      const result = await followTask(context, 'exportVoices', { model: context.path(options.model), out: context.path(options.out), frames: options.frames - (options.frames % 2) });
      context.result(result, `${result.files.join(', ')} in ${result.folder}; run alone they differ by ${result.maxDifference.toExponential(1)} at most`);
    });
}

const scoreText = (s: TakeScores): string =>
  figures({ target: s.targetSimilarity, source: s.sourceSimilarity, ...(s.f0Correlation === null ? {} : { f0Correlation: s.f0Correlation }), codeAgreement: s.codeAgreement, loudnessDb: s.loudnessDb }) + `  heard as ${s.recognisedAs}`;

async function addTrain(voice: Command, context: Context, wanted: boolean): Promise<void> {
  const command = common(voice.command('train'))
    .description('train a converter on prepared recordings (see: atelier voice prepare)')
    .requiredOption('--data <set>', 'folder of the prepared recordings')
    .option('--device <device>', 'cpu, webgpu, cuda, dml, coreml or tensorflow (default: see atelier devices)')
    .option('--seed <integer>', 'of every random number', whole(), 0)
    .option('--name <text>', 'name of the run')
    .option('--out <folder>', 'folder of the run (default: a new one in the project)');
  if (!wanted) return;
  const { voiceConverter } = await import('../../models/voice-converter.ts');
  command.addOption(new Option('--preset <name>', `settings to start from (${voiceConverter.presets.map((p) => `${p.id}: ${p.summary}`).join('; ')})`).choices(voiceConverter.presets.map((p) => p.id)));
  const plan = z.toJSONSchema(trainingPlan, { io: 'input' }) as { properties: Record<string, unknown> };
  const planOf = addSchemaOptions(command, plan, { group: 'Training:', only: (name) => name !== 'augmentFlip' });
  const taken = new Set(['preset', 'data', 'device', 'seed', 'name', 'out', 'project', 'json', 'verbose', 'quiet', 'help', 'version', ...Object.keys(plan.properties)]);
  const configOf = addSchemaOptions(command, z.toJSONSchema(voiceConverter.schema, { io: 'input' }) as { properties: Record<string, unknown> }, { group: 'Model:', defaults: voiceConverter.defaults, taken });
  command.action(async (options) => {
    context.use(options);
    const started = await context.call('voices.train', {
      set: context.path(options.data), preset: options.preset, config: configOf(options), training: planOf(options), device: options.device, seed: options.seed, name: options.name,
      out: options.out ? context.path(options.out) : undefined,
    });
    await finishTraining(context, started);
  });
}
