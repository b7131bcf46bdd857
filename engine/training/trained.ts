import type { Tensor } from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import type { Device, GraphFunction, HostArray, TensorSpec } from '../device/types.ts';
import { runningBound, ssim } from '../metrics/index.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { Params } from '../nn/layer.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { batched, type Batched } from './batched.ts';
import { checkMetadata, modelOf } from './checkpoint.ts';
import { chooseLabels } from './choose-labels.ts';
import { fingerprintOf, usedWeights } from './codec.ts';
import { drawCodes, sameInAllCells, uniformCodes, type CodeFrequencies } from './code-frequencies.ts';
import { itemMetrics, itemsOf, summarise } from './evaluate.ts';
import { createInspector } from './inspector.ts';
import { createRestyler, type Restyler } from './restyle.ts';
import { under } from './step-graph.ts';
import type { Model } from '../models/define.ts';
import type { RunInfo, Trained } from './types.ts';

/** Items whose structural similarity is looked at. */
const SSIM_ITEMS = 500;

export const FREQUENCIES = 'x/code-frequencies';

/**
 * Opens the model of a run that is not a prior's; see `openTrained`.
 * @param pictures their size, if it is another than that of those it was trained on: a convolutional model takes any that its stride divides
 * @throws AtelierError 'bad-input' for a size that the model cannot take
 */
export async function openModel(run: RunFolder, device: Device, step?: number, pictures?: { height: number; width: number }): Promise<Trained> {
  const info = run.info;
  const model = modelOf(info, pictures);
  if (pictures) checkSameWeights(info, modelOf(info), model);
  const checkpoint = await run.loadCheckpoint(step);
  checkMetadata(checkpoint.metadata, info, checkpoint.path);
  const { prefix, weights } = usedWeights(model, checkpoint);
  const state = device.createState(weights);
  const { height, width, channels } = model.input;
  const size = height * width * channels;
  const length = model.latent.size;
  const cells = model.latent.kind === 'codes' ? model.latent.height * model.latent.width : 0;
  const many = Math.max(1, Math.min(32, Math.floor(2 ** 19 / size)));
  const sizes = many > 4 ? [1, many] : [many];

  type Call = (params: Params, x: Tensor, labels?: Tensor) => Tensor;
  const graphOf = (call: Call, shape: readonly number[], dtype: TensorSpec['dtype']) => (batch: number): { fn: GraphFunction; inputs: Record<string, TensorSpec> } => ({
    inputs: { input: { shape: [batch, ...shape], dtype }, ...(labelled ? { labels: { shape: [batch], dtype: 'int32' } satisfies TensorSpec } : {}) },
    fn: (given, all) => ({ outputs: { output: call(under(all, prefix), given.input, given.labels) } }),
  });
  const labelled = model.usesLabels ?? false;
  const imageShape = [height, width, channels];
  const reconstruct: Call = (params, x, labels) =>
    model.encodeCodes && model.decodeCodes ? model.decodeCodes(params, model.encodeCodes(params, x), labels) : model.decode(params, model.encode(params, x, labels), labels);
  const needCodes = (): never => {
    throw new AtelierError('bad-input', `${info.name} has a continuous latent, no codes.`, 'Use its latent vectors.');
  };
  const definitions = {
    encode: graphOf(model.encode, imageShape, 'float32'),
    deviation: graphOf(model.deviation ?? needCodes, imageShape, 'float32'),
    decode: graphOf(model.decode, [length], 'float32'),
    reconstruct: graphOf(reconstruct, imageShape, 'float32'),
    fromNoise: graphOf((params, noise, labels) => (model.fromNoise ? model.fromNoise(params, noise, labels) : noise), [length], 'float32'),
    encodeCodes: graphOf(model.encodeCodes ?? needCodes, imageShape, 'float32'),
    decodeCodes: graphOf(model.decodeCodes ?? needCodes, [cells], 'int32'),
  };
  const graphs = new Map<string, Batched>();
  const apply = async <Out extends HostArray>(name: keyof typeof definitions, input: HostArray, per: number, out: (n: number) => Out, outPer: number, labels?: Int32Array): Promise<Out> => {
    if (per === 0 || outPer === 0) needCodes();
    const n = input.length / per;
    if (!Number.isInteger(n)) throw new AtelierError('bad-input', `${name}: ${input.length} values are no whole number of items of ${per}.`, `Pass N times ${per} values.`);
    if (labels && labels.length !== n) throw new AtelierError('bad-input', `${name}: ${labels.length} labels were given for ${n} items.`, 'Pass one label an item.');
    let graph = graphs.get(name);
    if (!graph) graphs.set(name, (graph = batched(device, name, state, definitions[name], sizes)));
    const result = out(n * outPer);
    await graph.run(
      n,
      (from, count, inputs) => {
        inputs.input.set(input.subarray(from * per, (from + count) * per) as Float32Array & Int32Array);
        if (labelled) for (let i = 0; i < count; i++) inputs.labels[i] = labels ? labels[from + i] : -1;
      },
      (from, count, outputs) => result.set(outputs.output.subarray(0, count * outPer) as Float32Array & Int32Array, from * outPer),
    );
    return result;
  };
  const floats = (n: number) => new Float32Array(n);
  const inspector = createInspector(device, model, state, prefix, info.seed);

  const meanSsim = async (images: ImageSet, items: Int32Array): Promise<number> => {
    const { originals, reconstructions } = await inspector.run(images, items, { pictures: true });
    let sum = 0;
    for (let i = 0; i < items.length; i++) sum += ssim(originals!.subarray(i * size, (i + 1) * size), reconstructions!.subarray(i * size, (i + 1) * size), model.input);
    return sum / items.length;
  };

  let fingerprint: string | undefined;
  let restyler: Restyler | undefined;
  const trained: Trained = {
    info,
    step: checkpoint.step,
    model,
    get fingerprint() {
      return (fingerprint ??= fingerprintOf(weights, prefix));
    },
    encode: (images, labels) => apply('encode', images, size, floats, length, labels),
    ...(model.deviation ? { deviations: (images: Float32Array, labels?: Int32Array) => apply('deviation', images, size, floats, length, labels) } : {}),
    encodeCodes: (images) => apply('encodeCodes', images, size, (n) => new Int32Array(n), cells),
    decode: (latents, labels) => apply('decode', latents, length, floats, size, labels),
    async blendCodes(from, to, share) {
      const { blendCodes } = model;
      if (!blendCodes) throw new AtelierError('bad-input', `${info.name} has no codebook whose vectors could be blended.`, 'Let codes change over one after another instead.');
      const list: TensorSpec = { shape: [], dtype: 'int32' };
      let graph = graphs.get('blendCodes');
      if (!graph) {
        graph = batched(device, 'blendCodes', state, (batch) => ({
          inputs: { from: { ...list, shape: [batch, cells] }, to: { ...list, shape: [batch, cells] }, share: { shape: [batch], dtype: 'float32' } },
          fn: (given, all) => ({ outputs: { output: blendCodes(under(all, prefix), given.from, given.to, given.share) } }),
        }), sizes);
        graphs.set('blendCodes', graph);
      }
      const result = floats(share.length * size);
      await graph.run(
        share.length,
        (first, count, inputs) => {
          inputs.from.set(from.subarray(first * cells, (first + count) * cells));
          inputs.to.set(to.subarray(first * cells, (first + count) * cells));
          inputs.share.set(share.subarray(first, first + count));
        },
        (first, count, outputs) => result.set(outputs.output.subarray(0, count * size) as Float32Array, first * size),
      );
      return result;
    },
    decodeCodes: (codes, labels) => apply('decodeCodes', codes, cells, floats, size, labels),
    restyle: async (codes, styles) => (restyler ??= createRestyler(device, model, state, prefix, info.name)).run(codes, styles),
    reconstruct: (images, labels) => apply('reconstruct', images, size, floats, size, labels),
    async sample(count, options = {}) {
      const { seed = 0, temperature = 1 } = options;
      if (options.topK !== undefined || options.topP !== undefined || options.guidance !== undefined) {
        throw new AtelierError('bad-input', `${info.name} has no prior that could choose among codes.`, 'Leave top-k, top-p and guidance out, or sample from a prior trained on its codes.');
      }
      if (model.latent.kind === 'vector') {
        const { labels, styles, columns } = chooseLabels(info, labelled, count, options.label);
        const drawn = rng(seed, 'sample').fillNormal(floats((styles[count - 1] + 1) * length));
        const latents = floats(count * length);
        styles.forEach((style, i) => latents.set(drawn.subarray(style * length, (style + 1) * length), i * length));
        for (let i = 0; i < latents.length; i++) latents[i] *= temperature;
        const note = `Drawn from ${model.fromNoise ? 'the flow prior' : 'N(0, I)'}${temperature === 1 ? '' : ` at temperature ${temperature}`}${labelled ? `, ${options.label === undefined ? 'each class in turn' : `class ${options.label}`}` : ''}.`;
        const drawnFrom = model.fromNoise ? await apply('fromNoise', latents, length, floats, length, labels) : latents;
        return { images: await trained.decode(drawnFrom, labels), note, columns };
      }
      const { labels, columns } = chooseLabels(info, labelled, count, options.label);
      const { frequencies, note } = frequenciesOf(checkpoint.tensors, model, weights, prefix);
      const codes = drawCodes(frequencies, model.latent, count, rng(seed, 'sample'), temperature);
      return { images: await trained.decodeCodes(codes, labels), note, columns };
    },
    async evaluate(images, options = {}) {
      const { split = 'test', limit } = options;
      const items = itemsOf(images, split, limit);
      if (items.length === 0) throw new AtelierError('bad-input', `${images.name} has no items in its ${split} split.`, 'Choose another split.');
      const began = performance.now();
      const k = options.importanceSamples ?? 0;
      const onProgress = (done: number) => options.onProgress?.(done / Math.max(1, k));
      const found = await inspector.run(images, items, { latents: model.latent.kind === 'vector', onProgress });
      const summary = summarise(model, found);
      const notes: string[] = [];
      if (images.channels !== 4) summary.metrics.ssim = await meanSsim(images, items.subarray(0, SSIM_ITEMS));
      if (k > 0) {
        if (!found.logWeights) throw new AtelierError('bad-input', `${info.name} has no bound on the likelihood to tighten.`, 'Leave the importance samples out, or take a run of a VAE.');
        const bound = runningBound(found.logWeights);
        for (let draw = 1; draw < k; draw++) {
          if (options.signal?.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
          bound.add((await inspector.run(images, items, { draw })).logWeights!);
          options.onProgress?.((draw + 1) / k);
        }
        summary.metrics.iwNats = bound.mean();
        notes.push(`iwNats: importance-weighted bound of ${k} samples an item (Burda et al. 2016).`);
      }
      return { split, items: items.length, step: checkpoint.step, seconds: (performance.now() - began) / 1000, notes, ...summary };
    },
    async embed(images, indices, onProgress) {
      const found = await inspector.run(images, indices, { latents: true, onProgress });
      return { latents: found.latents!, codes: found.codes, metrics: itemMetrics(found) };
    },
    exportable(batch) {
      const entry = (name: string, summary: string, from: keyof typeof definitions, input: string, output: string) => {
        const { fn, inputs } = definitions[from](batch);
        return {
          name,
          summary,
          fn: ((given, all) => ({ outputs: { [output]: fn({ ...given, input: given[input] }, all).outputs.output } })) as GraphFunction,
          inputs: { [input]: inputs.input, ...(inputs.labels ? { labels: inputs.labels } : {}) },
          state: weights,
        };
      };
      const list = [
        entry('encoder', `images [B, ${height}, ${width}, ${channels}] in [0, 1] to latents [B, ${length}]`, 'encode', 'images', 'latents'),
        entry('decoder', `latents [B, ${length}] to images`, 'decode', 'latents', 'images'),
      ];
      if (model.latent.kind === 'codes') {
        list.push(
          entry('codes-encoder', `images to codes [B, ${cells}]`, 'encodeCodes', 'images', 'codes'),
          entry('codes-decoder', `codes [B, ${cells}] to images`, 'decodeCodes', 'codes', 'images'),
        );
      }
      return list;
    },
    dispose() {
      for (const graph of graphs.values()) graph.dispose();
      restyler?.dispose();
      inspector.dispose();
      state.dispose();
    },
  };
  return trained;
}

function checkSameWeights(info: RunInfo, own: Model, other: Model): void {
  const shapes = new Map(own.params.map(({ name, shape }) => [name, shape.join()]));
  if (other.params.length === shapes.size && other.params.every(({ name, shape }) => shapes.get(name) === shape.join())) return;
  throw new AtelierError('bad-input', `"${info.name}" takes pictures of ${info.data.width}x${info.data.height} pixels only: some of its layers see the whole picture at once.`, 'Keep that size, or train a model that is convolutional throughout.');
}

function frequenciesOf(
  tensors: Awaited<ReturnType<RunFolder['loadCheckpoint']>>['tensors'],
  model: Trained['model'],
  weights: Record<string, { values: Float32Array }>,
  prefix: string,
): { frequencies: CodeFrequencies; note: string } {
  if (model.prior === 'uniform-codes' && model.latent.kind === 'codes') return { frequencies: uniformCodes(model.latent), note: 'Each code drawn on its own, all alike: the prior that the model was trained towards.' };
  const stored = tensors[FREQUENCIES];
  const why = 'This model has no prior over codes yet, so structure across the picture is not to be expected.';
  if (stored?.values instanceof Float32Array) {
    const rows = stored.shape[0];
    const where = rows === 1 ? 'anywhere' : 'in its place';
    return { frequencies: { rows, values: stored.values }, note: `Each code drawn on its own by how often it stands ${where} in training pictures. ${why}` };
  }
  const counts = model.codeCounts!.flatMap((name) => Array.from(weights[prefix + name].values));
  return { frequencies: sameInAllCells(model.latent as Extract<typeof model.latent, { kind: 'codes' }>, Float32Array.from(counts)), note: `Each code drawn on its own by how often it was used lately. ${why}` };
}
