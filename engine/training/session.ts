import { sizeOf } from '../core/axes.ts';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import type { Device, HostArray, Program, State } from '../device/types.ts';
import type { Progress } from '../models/define.ts';
import { optimizerHyper } from '../nn/adamw.ts';
import { learningRateAt } from '../nn/schedules.ts';
import { createBatches, flipSome } from './batches.ts';
import type { Subject } from './checkpoint.ts';
import { drawNoise } from './noise.ts';
import { lookAlikes } from './look-alikes.ts';
import { partnersBy, partnersOf, type Partners } from './partners.ts';
import { initialState, type HostState } from './state.ts';
import { PREFIX, prefixed, stepGraph, under } from './step-graph.ts';
import type { RunInfo } from './types.ts';

/** What one step reports. */
export interface StepResult {
  loss: number;
  /** Before clipping. */
  gradientNorm: number;
  learningRate: number;
  metrics: Record<string, number>;
  /** By parameter, before clipping. */
  gradientNorms: { names: readonly string[]; values: Float32Array };
}

/** A model, its state on a device, and its compiled step. Knows nothing of folders. */
export interface Session {
  readonly model: Subject;
  readonly state: State;
  /** Prefix of the weights to evaluate with. */
  readonly weights: string;
  readonly batchSize: number;
  /** First values that come from data; call once before step 0. */
  start(): Promise<void>;
  /** Runs step `progress.step`; everything it draws follows from the seed and the step. */
  step(progress: Progress): Promise<StepResult>;
  dispose(): void;
}

const START_BATCHES = 4;

/** @param restored the state of a checkpoint; unset: drawn from the seed */
export async function openSession(info: Pick<RunInfo, 'training' | 'seed'>, model: Subject, images: ImageSet, device: Device, restored?: HostState): Promise<Session> {
  const { training: plan, seed } = info;
  const average = plan.weightEma > 0;
  const batchSize = Math.min(plan.batchSize, Math.max(1, images.split.train.length));
  const state = device.createState(restored ?? initialState(model, seed, average));
  const graphOf = (stage: number) => stepGraph(model, { batchSize, average, weightDecay: plan.weightDecay > 0, stage });
  const compile = (stage: number): Promise<Program> => device.compile(stage === 0 ? 'step' : `step/${stage}`, graphOf(stage).fn, { inputs: graph.inputs, state });
  const graph = graphOf(0);
  let current: { stage: number; program: Program };
  try {
    current = { stage: 0, program: await compile(0) };
  } catch (error) {
    state.dispose();
    throw error;
  }
  const programOf = async (stage: number): Promise<Program> => {
    if (current.stage === stage) return current.program;
    current.program.dispose();
    current = { stage, program: await compile(stage) };
    return current.program;
  };
  const { maintenance } = model;
  let observer: Promise<Program> | undefined;
  const observe = async (pixels: Float32Array): Promise<Record<string, HostArray>> => {
    observer ??= device.compile('observe', (given, all) => ({ outputs: maintenance!.observe(under(all, PREFIX.params), given.images) }), {
      inputs: { images: graph.inputs.images },
      state,
    });
    return (await observer).run({ images: pixels });
  };
  const batchAt = createBatches(images.split.train, batchSize, seed);
  const pixels = new Float32Array(sizeOf(graph.inputs.images.shape));
  const labels = new Int32Array(batchSize);
  const noise = model.noise(batchSize);
  let partners = model.usesPartners === 'names' ? partnersOf(images, seed) : undefined;
  const partnerPixels = model.usesPartners && new Float32Array(pixels.length);
  const findPartners = async (): Promise<Partners> => {
    const found = await lookAlikes(images, seed);
    return partnersBy(images, seed, (item) => found.get(item) ?? []);
  };

  /** Writes parameters; the average and the optimizer's slots follow where a value jumped. */
  const overwrite = async (values: Record<string, Float32Array>) => {
    const names = Object.keys(values);
    if (names.length === 0) return;
    const partners = [PREFIX.average, PREFIX.m, PREFIX.v].flatMap((prefix) => names.map((name) => prefix + name)).filter((name) => name in state.specs);
    const before = await state.read([...names.map((name) => PREFIX.params + name), ...partners]);
    const after: Record<string, HostArray> = prefixed(values, PREFIX.params);
    for (const partner of partners) {
      const name = partner.slice(2);
      const old = before[PREFIX.params + name];
      const copy = before[partner].slice() as Float32Array;
      const fresh = values[name];
      for (let i = 0; i < copy.length; i++) if (fresh[i] !== old[i]) copy[i] = partner.startsWith(PREFIX.average) ? fresh[i] : 0;
      after[partner] = copy;
    }
    await state.write(after);
  };

  return {
    model,
    state,
    weights: average ? PREFIX.average : PREFIX.params,
    batchSize,
    async start() {
      if (!maintenance) return;
      const seen: Record<string, Float32Array>[] = [];
      const batches = Math.min(START_BATCHES, Math.max(1, Math.floor(images.split.train.length / batchSize)));
      for (let i = 0; i < batches; i++) {
        await images.read(batchAt(i), pixels);
        const observed = await observe(pixels);
        seen.push(Object.fromEntries(Object.entries(observed).map(([name, values]) => [name, Float32Array.from(values)])));
      }
      await overwrite(maintenance.start(seen, rng(seed, 'start')));
    },
    async step(progress) {
      const { step } = progress;
      const items = batchAt(step);
      await images.read(items, pixels);
      images.prefetch?.(batchAt(step + 1));
      if (plan.augmentFlip) flipSome(pixels, model.input, seed, step);
      if (model.usesPartners === 'looks') partners ??= await findPartners();
      const mates = partners?.draw(items, step);
      if (mates && partnerPixels) {
        await images.read(mates, partnerPixels);
        if (plan.augmentFlip) flipSome(partnerPixels, model.input, seed, step);
      }
      const metrics: Record<string, number> = {};
      if (maintenance && maintenance.every > 0 && step > 0 && step % maintenance.every === 0) {
        const observed = await observe(pixels);
        const current = await state.read(maintenance.params.map((name) => PREFIX.params + name));
        const values = Object.fromEntries(maintenance.params.map((name) => [name, current[PREFIX.params + name] as Float32Array]));
        const result = maintenance.step(observed, values, rng(seed, 'maintenance', step), progress);
        await overwrite(result.values);
        Object.assign(metrics, result.metrics);
      }
      const learningRate = learningRateAt(step, { base: plan.learningRate, warmup: plan.warmupSteps, final: plan.finalLearningRate, steps: progress.steps });
      const optimizer = optimizerHyper(step, { ...plan, learningRate });
      const inputs: Record<string, HostArray> = { images: pixels, ...drawNoise(noise, [seed, 'noise', step], 'noise/') };
      if (model.usesLabels) {
        items.forEach((item, i) => (labels[i] = images.labels[item]));
        inputs.labels = labels;
      }
      if (mates) Object.assign(inputs, { partners: partnerPixels as Float32Array, partnerLabels: mates.map((item) => images.labels[item]) });
      for (const [name, schedule] of Object.entries(model.hyper)) {
        const value = schedule(progress);
        inputs[`hyper/${name}`] = Float32Array.of(value);
        metrics[name] = value;
      }
      for (const [name, value] of Object.entries(optimizer)) {
        if (`optimizer/${name}` in graph.inputs) inputs[`optimizer/${name}`] = Float32Array.of(value);
      }
      const program = await programOf(model.stageAt?.(progress) ?? 0);
      const outputs = await program.run(inputs);
      for (const [name, values] of Object.entries(under(outputs, 'metric/'))) metrics[name] = values[0];
      const norms = outputs.gradientNorms as Float32Array;
      return {
        loss: outputs.loss[0],
        gradientNorm: Math.sqrt(norms.reduce((sum, n) => sum + n * n, 0)),
        learningRate,
        metrics,
        gradientNorms: { names: graph.trained, values: norms },
      };
    },
    dispose() {
      current.program.dispose();
      void observer?.then((p) => p.dispose(), () => {});
      state.dispose();
    },
  };
}
