import type { Diagnosis } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { silent } from '../core/log.ts';
import type { RunFolder } from '../store/run-folder.ts';
import type { Model } from '../models/define.ts';
import { checkMetadata, metadataOf, subjectOf } from './checkpoint.ts';
import { diagnose, divergence } from './diagnoses.ts';
import { EVALUATED, heldOut, summarise } from './evaluate.ts';
import { createInspector } from './inspector.ts';
import { lengthOf } from './length.ts';
import { cadence } from './plan.ts';
import { openSession } from './session.ts';
import { restoredState, toTensors } from './state.ts';
import { FREQUENCIES } from './trained.ts';
import { createControl, type MetricRow, type RunInfo, type TrainingOptions } from './types.ts';
import { createViews, type Views } from './views.ts';
import { createWatch } from './watch.ts';

/**
 * Trains a run to the end of its plan, a pause or a cancel. Saves a checkpoint every `checkpointEvery` steps, at the end and
 * when it is stopped; a run that has checkpoints goes on from the newest whole one, and every step does exactly what it would
 * have done in an undisturbed run.
 * @returns the run's record: `finished`, `paused` or `cancelled`
 * @throws AtelierError 'busy' (another job has the run), 'bad-data' (checkpoint or data are not the run's), 'diverged' (NaN or
 *   infinity; the last good checkpoint is kept), 'disk-full', 'out-of-memory'; the run is then marked `failed`
 */
export async function startTraining(options: TrainingOptions): Promise<RunInfo> {
  const { run } = options;
  await run.lock();
  try {
    return await train(options);
  } catch (error) {
    const problem = toAtelierError(error, 'training');
    await run.appendLog(`failed: ${problem.message}`);
    // A disk that is full may refuse this too; the error itself matters more.
    const info = await run.update({ status: 'failed', error: problem.toValue() }).catch(() => run.info);
    options.onEvent?.({ type: 'info', run: info });
    throw problem;
  } finally {
    await run.unlock();
  }
}

async function train(options: TrainingOptions): Promise<RunInfo> {
  const { run, images, device, log = silent, control = createControl(), onEvent = () => {}, onProgress = () => {} } = options;
  const opening = run.info;
  if (images.fingerprint !== opening.data.fingerprint) {
    throw new AtelierError('bad-data', `${images.name} is no longer what the run began with.`, 'Restore the data set as it was, or start a new run.');
  }
  const say = (message: string) => onProgress({ step: run.info.step, steps: run.info.training.steps ?? 0, progress: 0, etaSec: null, elapsedSec: run.info.trainedSec, message });
  say('Preparing the graph');
  const model = subjectOf(opening);
  const restored = await restore(run, opening);
  if (restored) {
    await run.truncateMetrics(restored.step);
    await run.truncateViews(restored.step);
    log.info(`Going on from step ${restored.step}.`);
  }
  const began = performance.now();
  const session = await openSession(opening, model, images, device, restored?.state);
  const inspector = createInspector(device, model, session.state, session.weights, opening.seed);
  const context = { run, images, device, state: session.state, weights: session.weights, inspector };
  const views = options.views ? options.views({ ...context, model }) : createViews({ ...context, model: model as Model });
  views.frequencies = restored?.frequencies ?? null;
  const trainedBefore = opening.trainedSec;
  const elapsed = () => trainedBefore + (performance.now() - began) / 1000;
  let done = restored?.step ?? 0;
  let saved = restored ? done : -1;
  let diagnoses: Diagnosis[] = opening.diagnoses.filter((d) => d.step <= done && d.code !== 'diverged');

  const checkpoint = async () => {
    if (saved === done) return;
    const values = await session.state.read(Object.keys(session.state.specs));
    const tensors = toTensors(session.state.specs, values);
    if (views.frequencies) {
      const { rows, values: counts } = views.frequencies;
      tensors[FREQUENCIES] = { shape: [rows, counts.length / rows], values: counts };
    }
    await run.saveCheckpoint(done, tensors, metadataOf(run.info));
    saved = done;
    onEvent({ type: 'info', run: await run.update({ step: done, trainedSec: elapsed() }) });
  };

  try {
    if (!restored) await session.start();
    const length = await lengthOf({ run, images, session, inspector, say, done, trainedSec: trainedBefore, begun: restored !== null });
        onEvent({ type: 'info', run: await run.update({ status: 'running', error: null, step: done, device: device.report.id, diagnoses }) });
    await run.appendLog(`training on ${device.report.name} from step ${done} to ${length.steps}`);
    if (!restored) await checkpoint();
    const history = (await run.readMetrics()).filter((row) => row.split === 'validation');
    const watch = createWatch();
    const pace = createPace();
    let training: MetricRow | null = null;
    /** What the newest pictures told. */
    let seen: Record<string, number> = {};

    while (done < length.steps && control.request === 'go') {
      const from = performance.now();
      const result = await session.step({ step: done, steps: length.steps });
      const problem = watch.add(result);
      if (problem) {
        const finding = divergence(done, problem, run.info);
        diagnoses = [...diagnoses, finding];
        await run.update({ diagnoses, step: Math.max(saved, 0), trainedSec: elapsed() });
        throw new AtelierError('diverged', `${finding.message.slice(0, -1)}. The checkpoint of step ${Math.max(saved, 0)} is kept.`, finding.remedy);
      }
      done++;
      await length.revise(done, elapsed());
      const { steps } = length;
      const { log: logEvery, evaluate, views: viewEvery } = cadence(run.info.training, steps);
      const end = done >= steps;
      pace.step((performance.now() - from) / 1000);
      if (done % logEvery === 0 || end) {
        training = { step: done, split: 'train', time: elapsed(), ...watch.take(), imagesPerSec: session.batchSize / pace.secondsPerStep };
        await run.appendMetrics([training]);
        onEvent({ type: 'metrics', rows: [training] });
      }
      if (done % evaluate === 0 || end) {
        const before = performance.now();
        const items = heldOut(images, EVALUATED);
        const summary = summarise(model, await inspector.run(images, items, { latents: model.latent?.kind === 'vector' }));
        const viewed = done % viewEvery === 0 || end || done === evaluate;
        if (viewed) seen = await show(views, done, summary, onEvent);
        const metrics = { ...summary.metrics, ...(viewed ? seen : {}) };
        const row: MetricRow = { step: done, split: 'validation', time: elapsed(), ...metrics };
        history.push(row);
        await run.appendMetrics([row]);
        diagnoses = diagnose({ run: run.info, model, step: done, steps, metrics: { ...seen, ...metrics }, klPerDimension: summary.klPerDimension, history, training });
        onEvent({ type: 'metrics', rows: [row] });
        onEvent({ type: 'info', run: await run.update({ summary: metrics, diagnoses, step: done, trainedSec: elapsed() }) });
        pace.aside((performance.now() - before) / 1000);
      }
      if (done % run.info.training.checkpointEvery === 0 || end) {
        const before = performance.now();
        await checkpoint();
        pace.aside((performance.now() - before) / 1000);
      }
      if (pace.due() || end) {
        onProgress({ step: done, steps, progress: done / steps, etaSec: (steps - done) * pace.secondsOverall, elapsedSec: elapsed(), message: `Step ${done} of ${steps}` });
      }
      // A run blocks its thread: let pause, cancel and messages in.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await checkpoint();
    const status = done >= length.steps ? 'finished' : control.request === 'pause' ? 'paused' : 'cancelled';
    const info = await run.update({ status, step: done, trainedSec: elapsed(), diagnoses });
    await run.appendLog(`${status} at step ${done}`);
    onEvent({ type: 'info', run: info });
    return info;
  } finally {
    views.dispose();
    inspector.dispose();
    session.dispose();
  }
}

async function restore(run: RunFolder, info: RunInfo) {
  if ((await run.listCheckpoints()).length === 0) return null;
  const { step, tensors, metadata, path } = await run.loadCheckpoint();
  checkMetadata(metadata, info, path);
  const model = subjectOf(info);
  const state = restoredState(model, info, tensors, path);
  const counts = tensors[FREQUENCIES];
  const frequencies = counts?.values instanceof Float32Array ? { rows: counts.shape[0], values: counts.values } : null;
  return { step, state, frequencies };
}

async function show(views: Views, step: number, summary: Parameters<Views['preview']>[1], onEvent: NonNullable<TrainingOptions['onEvent']>): Promise<Record<string, number>> {
  if (await views.frame(step)) onEvent({ type: 'map', step });
  const seen = await views.preview(step, summary);
  if (seen !== false) onEvent({ type: 'preview', step });
  return seen || {};
}

/** Smoothed time of a step, alone and with all that goes on beside it. */
function createPace() {
  let step: number | undefined;
  let total = 0;
  let count = 0;
  let told = -Infinity;
  return {
    step(seconds: number) {
      step = step === undefined ? seconds : 0.95 * step + 0.05 * seconds;
      total += seconds;
      count++;
    },
    aside(seconds: number) {
      total += seconds;
    },
    get secondsPerStep() {
      return Math.max(step ?? 0, 1e-6);
    },
    get secondsOverall() {
      return count === 0 ? 0 : total / count;
    },
    due() {
      const now = performance.now();
      if (now - told < 250) return false;
      told = now;
      return true;
    },
  };
}
