/** Runs that train a prior over the codes of another run. Such a run keeps a copy of the other's weights, so that it stands alone. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../core/errors.ts';
import { readSafetensors, writeSafetensors } from '../core/safetensors.ts';
import type { Device } from '../device/types.ts';
import { countParameters } from '../nn/layer.ts';
import { priorOf } from '../priors/index.ts';
import { createRun, openRun, type RunFolder } from '../store/run-folder.ts';
import { checkMetadata, metadataOf, modelOf } from './checkpoint.ts';
import { codesOf, fingerprintOf, priorModelOf, usedWeights } from './codec.ts';
import { codeSet } from './code-set.ts';
import { newRecord, presetOf } from './plan.ts';
import { createPriorViews } from './prior-views.ts';
import { FREQUENCIES, openModel } from './trained.ts';
import { startTraining } from './trainer.ts';
import type { RunInfo, RunRequest, Trained, TrainingOptions } from './types.ts';

const CODEC = 'codec';
const CODES = 'codes.safetensors';

export interface PriorRequest extends Omit<RunRequest, 'family'> {
  /** Kind of prior; unset: `pixelcnn`. */
  family?: string;
}

/**
 * The record of a prior's run that has not begun, and the checkpoint of the model whose codes it is to learn.
 * @param codec the run whose codes are to be learned
 * @param step of its checkpoint; unset: the newest
 * @throws AtelierError 'bad-input' (no codes, a prior itself, settings), 'not-found' (kind, checkpoint)
 */
export async function planPriorRun(codec: RunFolder, request: PriorRequest, device: string, folder: string, step?: number) {
  const source = codec.info;
  if (source.codec) throw new AtelierError('bad-input', `${source.name} is a prior itself.`, 'Name the run whose codes it was trained on.');
  const family = priorOf(request.family ?? 'pixelcnn');
  const model = modelOf(source);
  const latent = codesOf(model, source.name);
  const checkpoint = await codec.loadCheckpoint(step);
  checkMetadata(checkpoint.metadata, source, checkpoint.path);
  const { prefix, weights } = usedWeights(model, checkpoint);
  const { height, width, codes, alphabets = 1, grids } = latent;
  const preset = presetOf(family, request.preset ?? (grids ? family.ofSeveral : undefined));
  const config = family.parse({ ...preset?.config, ...request.config });
  if (request.training?.augmentFlip) throw new AtelierError('bad-input', 'Codes cannot be mirrored as pictures can.', 'Leave mirroring off; train the model under the prior with it.');
  const record: RunInfo = newRecord({
    folder, family, config, data: source.data, device,
    name: request.name ?? `Prior of ${source.name}`,
    seed: request.seed,
    training: { ...preset?.training, ...request.training },
    parameters: 0,
  });
  record.codec = { run: codec.folder, name: source.name, family: source.family, step: checkpoint.step, fingerprint: fingerprintOf(weights, prefix), height, width, codes, alphabets, ...(grids ? { grids: [...grids] } : {}) };
  record.parameters = countParameters(priorModelOf(record).params);
  return { record, checkpoint, weights };
}

/** Makes the run of a prior, with its copy of the codec; nothing is trained yet. Parameters and errors as of `planPriorRun`. */
export async function createPriorRun(codec: RunFolder, request: PriorRequest, device: string, folder: string, step?: number): Promise<RunFolder> {
  const { record, checkpoint, weights } = await planPriorRun(codec, request, device, folder, step);
  const source = codec.info;
  const run = await createRun(folder, record);
  try {
    const copy = await createRun(join(folder, CODEC), { ...source, step: checkpoint.step, status: 'finished' });
    const counts = checkpoint.tensors[FREQUENCIES];
    await copy.saveCheckpoint(checkpoint.step, { ...weights, ...(counts ? { [FREQUENCIES]: counts } : {}) }, metadataOf(source));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return run;
}

/**
 * The codec that a prior's run keeps.
 * @throws AtelierError 'bad-data' when it is not the one whose codes were learned
 */
export async function openCodec(run: RunFolder, device: Device): Promise<Trained> {
  const codec = await openModel(await openRun(join(run.folder, CODEC)), device);
  try {
    checkCodec(run.info, codec, 'bad-data');
  } catch (error) {
    codec.dispose();
    throw error;
  }
  return codec;
}

/** Refuses a codec whose codes are not those a prior was trained on. */
export function checkCodec(prior: RunInfo, codec: Trained, code: 'bad-data' | 'bad-input' = 'bad-input'): void {
  const { name, step, fingerprint } = prior.codec!;
  if (codec.fingerprint === fingerprint) return;
  throw new AtelierError(code, `"${prior.name}" has learned the codes of "${name}" at step ${step}; those of "${codec.info.name}" at step ${codec.step} mean something else.`, 'Sample with the prior alone, which keeps its own model, or train a prior on the codes of this one.');
}

/**
 * Trains a prior: encodes the data where that has not been done, then as `startTraining` does.
 * @param options.images the pictures; the run's own codes are made from them
 */
export async function trainPrior(options: TrainingOptions): Promise<RunInfo> {
  const { run, images, device } = options;
  await run.lock();
  let codec: Trained | undefined;
  try {
    codec = await openCodec(run, device);
    const codes = await encodeAll(options, codec);
    if (!codes) {
      const status = options.control?.request === 'cancel' ? 'cancelled' : 'paused';
      const info = await run.update({ status });
      options.onEvent?.({ type: 'info', run: info });
      return info;
    }
    const opened = codec;
    return await startTraining({ ...options, images: codeSet(images, codes, priorModelOf(run.info)), views: (context) => createPriorViews(context, opened) });
  } finally {
    codec?.dispose();
    await run.unlock();
  }
}

/** Codes of every item, `[N, cells]`, kept in the run's folder; null when it was told to stop. */
async function encodeAll({ run, images, control, onProgress }: TrainingOptions, codec: Trained): Promise<Int32Array | null> {
  const path = join(run.folder, CODES);
  const { height, width } = run.info.codec!;
  const cells = height * width;
  const of = `${run.info.codec!.fingerprint} ${images.fingerprint}`;
  const kept = await readSafetensors(path).catch(() => null);
  const values = kept?.tensors.codes?.values;
  if (kept?.metadata.of === of && values instanceof Int32Array && values.length === images.count * cells) return values;
  const codes = new Int32Array(images.count * cells);
  const block = 64;
  for (let from = 0; from < images.count; from += block) {
    if (control && control.request !== 'go') return null;
    const n = Math.min(block, images.count - from);
    codes.set(await codec.encodeCodes(await images.read(Int32Array.from({ length: n }, (_, i) => from + i))), from * cells);
    onProgress?.({ step: 0, steps: run.info.training.steps ?? 0, progress: 0, etaSec: null, elapsedSec: 0, message: `Writing pictures as codes: ${from + n} of ${images.count}` });
  }
  await writeSafetensors(path, { codes: { shape: [images.count, cells], values: codes } }, { of });
  return codes;
}
