import { AtelierError } from '../core/errors.ts';
import type { Device } from '../device/types.ts';
import { codePacker } from '../priors/code-packer.ts';
import { priorSampler } from '../priors/sampler.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { batched } from './batched.ts';
import { checkMetadata } from './checkpoint.ts';
import { chooseLabels } from './choose-labels.ts';
import { codeSet } from './code-set.ts';
import { fingerprintOf, priorModelOf } from './codec.ts';
import { itemsOf, summarise } from './evaluate.ts';
import { createInspector } from './inspector.ts';
import { openCodec } from './prior-run.ts';
import { fromTensors } from './state.ts';
import { PREFIX, under } from './step-graph.ts';
import { openModel } from './trained.ts';
import type { Trained } from './types.ts';

/**
 * Opens what a run has learned; averaged weights where the run keeps them. A prior's run opens with the model under it, which encodes and
 * decodes; `sample` and `evaluate` are the prior's.
 * @param step of the checkpoint; unset: the newest whole one
 * @param size of pictures other than those it was trained on; not for a prior's run
 * @throws AtelierError 'not-found' (no checkpoint), 'bad-data' | 'newer-version', 'bad-input' for a size that cannot be
 */
export async function openTrained(run: RunFolder, device: Device, step?: number, size?: { height: number; width: number }): Promise<Trained> {
  return run.info.codec ? openPrior(run, device, step) : openModel(run, device, step, size);
}

async function openPrior(run: RunFolder, device: Device, step?: number): Promise<Trained> {
  const { info } = run;
  const prior = priorModelOf(info);
  const { cells } = prior;
  const checkpoint = await run.loadCheckpoint(step);
  checkMetadata(checkpoint.metadata, info, checkpoint.path);
  const prefix = prior.params.every((p) => PREFIX.average + p.name in checkpoint.tensors) ? PREFIX.average : PREFIX.params;
  const weights = fromTensors(checkpoint.tensors, Object.fromEntries(prior.params.map((p) => [prefix + p.name, { shape: p.shape }])), checkpoint.path);
  const codec = await openCodec(run, device);
  const state = device.createState(weights);
  const inspector = createInspector(device, prior, state, prefix, info.seed);
  const own = Object.fromEntries(Object.entries(under(weights, prefix)).map(([name, { values }]) => [name, values]));
  const sampler = priorSampler(device, prior, own);
  const packer = codePacker(device, prior, own);
  const reader = batched(device, 'surprise', state, (batch) => ({
    inputs: { codes: { shape: [batch, cells], dtype: 'int32' }, ...(prior.usesLabels ? { labels: { shape: [batch], dtype: 'int32' as const } } : {}) },
    fn: (given, all) => ({ outputs: { bits: prior.surprise(under(all, prefix), given.codes, given.labels) } }),
  }), [1, 8]);
  let fingerprint: string | undefined;
  const trained: Trained = {
    ...codec,
    info,
    step: checkpoint.step,
    prior: {
      model: prior,
      conditional: prior.usesLabels ?? false,
      get fingerprint() {
        return (fingerprint ??= fingerprintOf(weights, prefix));
      },
      pack: (codes, options) => packer.pack(codes, options),
      unpack: (bytes, count, options) => packer.unpack(bytes, count, options),
      async surprise(codes, label) {
        const n = codes.length / cells;
        const labels = label === undefined ? new Int32Array(n).fill(-1) : chooseLabels(info, prior.usesLabels ?? false, n, label).labels!;
        const bits = new Float32Array(codes.length);
        await reader.run(
          n,
          (from, count, inputs) => {
            inputs.codes.set(codes.subarray(from * cells, (from + count) * cells));
            inputs.labels?.set(labels.subarray(from, from + count));
          },
          (from, count, outputs) => bits.set(outputs.bits.subarray(0, count * cells) as Float32Array, from * cells),
        );
        return bits;
      },
      async sample(count, { seed = 0, label, labels, ...options } = {}) {
        const chosen = label === undefined && labels ? { labels, styles: undefined } : chooseLabels(info, prior.usesLabels ?? false, count, label);
        return sampler.sample(count, seed, { ...options, labels: chosen.labels, streams: chosen.styles ?? options.streams });
      },
    },
    async sample(count, options = {}) {
      const { columns, labels } = chooseLabels(info, prior.usesLabels ?? false, count, options.label);
      const codes = await trained.prior!.sample(count, options);
      const what = options.label === undefined ? (prior.usesLabels ? ', each class in turn' : '') : `, class ${options.label}`;
      return { images: await codec.decodeCodes(codes, labels), note: `Drawn by the prior "${info.name}" at temperature ${options.temperature ?? 1}${what}.`, columns };
    },
    async evaluate(images, options = {}) {
      const { split = 'test', limit } = options;
      const items = itemsOf(images, split, limit);
      if (items.length === 0) throw new AtelierError('bad-input', `${images.name} has no items in its ${split} split.`, 'Choose another split.');
      const began = performance.now();
      const codes = new Int32Array(images.count * cells);
      const block = 64;
      for (let from = 0; from < items.length; from += block) {
        const part = items.subarray(from, from + block);
        const found = await codec.encodeCodes(await images.read(part));
        part.forEach((item, i) => codes.set(found.subarray(i * cells, (i + 1) * cells), item * cells));
        options.onProgress?.((0.5 * (from + part.length)) / items.length);
      }
      const found = await inspector.run(codeSet(images, codes, prior), items, { onProgress: (done) => options.onProgress?.(0.5 + done / 2) });
      return { split, items: items.length, step: checkpoint.step, seconds: (performance.now() - began) / 1000, ...summarise({}, found) };
    },
    dispose() {
      sampler.dispose();
      packer.dispose();
      reader.dispose();
      inspector.dispose();
      state.dispose();
      codec.dispose();
    },
  };
  return trained;
}
