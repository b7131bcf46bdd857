import { join } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { rng } from '../../core/rng.ts';
import { exportOnnx, loadOnnx, openDevice, type Device, type HostArray } from '../../device/index.ts';
import { sizeOf, type Shape } from '../../core/axes.ts';
import type { Exportable, Trained } from '../../training/types.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { version } from '../version.ts';
import { withTrained } from './with-trained.ts';

/**
 * Writes each function of the model as an ONNX file of its own, weights inside, and `manifest.json` that says what goes in
 * and comes out. Each file is then run alone and compared with the model.
 */
export const exportRun: TaskFunction<'export'> = ({ run, out, batch, step }, { log, progress }) =>
  withTrained(run, step, log, async ({ folder, trained }) => {
    const { info } = folder;
    const list = trained.exportable(batch);
    const files: string[] = [];
    const parts: object[] = [];
    let maxDifference = 0;
    for (const [i, part] of list.entries()) {
      progress({ progress: i / list.length, etaSec: null, message: `Writing ${part.name}` });
      const bytes = exportOnnx(part.fn, { inputs: part.inputs, state: part.state }, { name: part.name, description: part.summary, producer: `Latent Atelier ${version}` });
      const file = `${part.name}.onnx`;
      await writeFileAtomic(join(out, file), bytes);
      files.push(file);
      const { difference, outputs } = await compare(bytes, part, trained);
      maxDifference = Math.max(maxDifference, difference);
      parts.push({ file, summary: part.summary, inputs: part.inputs, outputs, maxDifference: difference });
    }
    const manifest = {
      format: 'latent-atelier-export', formatVersion: 1, application: version, family: info.family, config: info.config, step: trained.step, name: info.name,
      data: { name: info.data.name, width: info.data.width, height: info.data.height, channels: info.data.channels, classes: info.data.classes },
      images: 'float32 [B, H, W, C], values from 0 to 1, row-major', batch, latent: trained.model.latent, parts,
    };
    await writeFileAtomic(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return { folder: out, files: [...files, 'manifest.json'], maxDifference };
  });

/** Runs the file by itself on random inputs and gives the largest difference from the model's own answer. */
async function compare(bytes: Uint8Array, part: Exportable, trained: Trained): Promise<{ difference: number; outputs: Record<string, { shape: Shape }> }> {
  const inputs = Object.fromEntries(
    Object.entries(part.inputs).map(([name, { shape, dtype }]): [string, HostArray] => {
      const random = rng(0, 'export', part.name, name);
      const { latent } = trained.model;
      if (dtype === 'int32') return [name, Int32Array.from({ length: sizeOf(shape) }, () => random.int(name === 'codes' && latent.kind === 'codes' ? latent.codes : 1))];
      const values = new Float32Array(sizeOf(shape));
      return [name, name === 'images' ? random.fillUniform(values) : random.fillNormal(values)];
    }),
  );
  const alone = await loadOnnx(bytes);
  try {
    const got = await alone.run(Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, { shape: part.inputs[name].shape, values }])));
    const expected = await reference(part, inputs);
    let difference = 0;
    const outputs: Record<string, { shape: Shape }> = {};
    for (const [name, { shape, values }] of Object.entries(got)) {
      outputs[name] = { shape };
      for (let i = 0; i < values.length; i++) difference = Math.max(difference, Math.abs(values[i] - expected[name][i]));
    }
    return { difference, outputs };
  } finally {
    alone.dispose();
  }
}

/** The same function compiled and run as the application does it. */
async function reference(part: Exportable, inputs: Record<string, HostArray>): Promise<Record<string, HostArray>> {
  const device: Device = await openDevice('cpu');
  try {
    const state = device.createState(part.state);
    const program = await device.compile(`export/${part.name}`, part.fn, { inputs: part.inputs, state });
    const outputs = await program.run(inputs);
    const copies = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.slice()]));
    program.dispose();
    state.dispose();
    return copies;
  } finally {
    device.dispose();
  }
}
