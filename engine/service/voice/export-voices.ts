import { join } from 'node:path';
import { MEL_BINS } from '../../core/analysis.ts';
import { sizeOf } from '../../core/axes.ts';
import { rng } from '../../core/rng.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { exportOnnx, loadOnnx, openDevice, type GraphFunction, type HostArray, type TensorSpec } from '../../device/index.ts';
import { PROSODY_COLUMNS } from '../../models/voice-frames.ts';
import { openVoiceModel } from '../../training/voice-model.ts';
import { weightsUnder } from '../../training/voice-bundle.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { version } from '../version.ts';
import { readVoices } from './open-voices.ts';

/** Encoder, decoder and listener of a converter as ONNX files for windows of `frames`, with a manifest; each is run alone and compared. */
export const exportVoices: TaskFunction<'exportVoices'> = async ({ model: ref, out, frames }, context) => {
  const bundle = await readVoices(ref);
  const device = await openDevice('cpu');
  const opened = openVoiceModel(device, bundle);
  try {
    const { converter } = opened;
    const own = weightsUnder(bundle.weights, 'converter/');
    const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
    const mel = float(1, frames, MEL_BINS);
    const prosody = float(1, frames, PROSODY_COLUMNS);
    const codes: TensorSpec = { shape: [1, (frames / 2) * converter.levels], dtype: 'int32' };
    const parts: { name: string; summary: string; inputs: Record<string, TensorSpec>; fn: GraphFunction }[] = [
      { name: 'encoder', summary: 'Log-mel spectra to codes of what is said.', inputs: { mel }, fn: (given, all) => ({ outputs: { codes: converter.encode(all, given.mel) } }) },
      { name: 'decoder', summary: 'Codes, prosody and a voice to log-mel spectra.', inputs: { codes, prosody, voice: float(1, converter.config.speakerSize) }, fn: (given, all) => ({ outputs: { spoken: converter.decode(all, given.codes, given.prosody, given.voice) } }) },
      { name: 'listener', summary: 'Log-mel spectra and prosody of a recording to its voice.', inputs: { mel, prosody }, fn: (given, all) => ({ outputs: { heard: converter.listen(all, given.mel, given.prosody) } }) },
    ];
    const files: string[] = [];
    const told: object[] = [];
    let maxDifference = 0;
    for (const [i, part] of parts.entries()) {
      context.progress({ progress: i / parts.length, etaSec: null, message: `Writing ${part.name}` });
      const bytes = exportOnnx(part.fn, { inputs: part.inputs, state: own }, { name: part.name, description: part.summary, producer: `Latent Atelier ${version}` });
      await writeFileAtomic(join(out, `${part.name}.onnx`), bytes);
      files.push(`${part.name}.onnx`);
      const draw = rng(0, 'export', part.name);
      const given = Object.fromEntries(Object.entries(part.inputs).map(([name, { shape, dtype }]): [string, HostArray] => {
        if (dtype === 'int32') return [name, Int32Array.from({ length: sizeOf(shape) }, () => draw.int(converter.config.codes))];
        const values = draw.fillNormal(new Float32Array(sizeOf(shape)));
        // F0 in Hz stands first in each row of the prosody.
        if (name === 'prosody') for (let t = 0; t < frames; t++) values[t * PROSODY_COLUMNS] = 120 + 20 * values[t * PROSODY_COLUMNS];
        return [name, values];
      }));
      const state = device.createState(own);
      const program = await device.compile(`export/${part.name}`, part.fn, { inputs: part.inputs, state });
      const expected = await program.run(given);
      const alone = await loadOnnx(bytes);
      const got = await alone.run(Object.fromEntries(Object.entries(given).map(([name, values]) => [name, { shape: part.inputs[name].shape, values }])));
      let difference = 0;
      for (const [name, { values }] of Object.entries(got)) for (let k = 0; k < values.length; k++) difference = Math.max(difference, Math.abs(values[k] - expected[name][k]));
      alone.dispose();
      program.dispose();
      state.dispose();
      maxDifference = Math.max(maxDifference, difference);
      told.push({ file: `${part.name}.onnx`, summary: part.summary, inputs: part.inputs, outputs: Object.fromEntries(Object.entries(got).map(([name, { shape }]) => [name, { shape }])), maxDifference: difference });
    }
    const { about } = bundle;
    const speakerSize = converter.config.speakerSize;
    const manifest = {
      format: 'latent-atelier-export', formatVersion: 1, application: version, family: 'voice-converter', name: about.name, step: about.step, config: about.converter, frames,
      analysis: 'log-mel: natural logarithm, 80 bins, 22,050 Hz, window 1024, hop 256; prosody: F0 in Hz drawn on through unvoiced frames, voiced 0 or 1, ln(F0 / the voice\'s median), (dB + 30) / 20',
      voices: about.speakers.map(({ name, medianF0Hz }, i) => ({ name, medianF0Hz, voice: Array.from(opened.voices.subarray(i * speakerSize, (i + 1) * speakerSize)) })),
      parts: told,
    };
    await writeFileAtomic(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return { folder: out, files: [...files, 'manifest.json'], maxDifference };
  } finally {
    opened.dispose();
    device.dispose();
  }
};
