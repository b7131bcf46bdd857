import type * as Ort from 'onnxruntime-node';
import { AtelierError } from '../core/errors.ts';
import { sizeOf } from '../core/axes.ts';
import { trace } from '../graph/trace.ts';
import type { Target, Traced } from '../graph/trace.ts';
import { OnnxState } from './onnx-state.ts';
import { checkValues } from './state-layout.ts';
import { downloader } from './download.ts';
import type { Device, DeviceReport, GraphFunction, HostArray, Program, Signature } from './types.ts';

export interface ProviderSettings {
  /** ONNX Runtime's execution providers, the preferred one first. */
  providers: Ort.InferenceSession.ExecutionProviderConfig[];
  /** Threads of the CPU kernels; the runtime decides where it is left out. */
  threads?: number;
  /** What graphs are laid out for. */
  target: Target;
  /** New values of the state stay in GPU memory. */
  keepsOnGpu: boolean;
}

/** A device that runs compiled graphs through one execution provider of ONNX Runtime. */
export function onnxDevice(ort: typeof Ort, report: DeviceReport, settings: ProviderSettings): Device {
  return {
    report,
    createState: (tensors) => new OnnxState(ort, settings.target, downloader(ort, settings), tensors),
    compile: (name, fn, signature) => compile(ort, report, settings, name, fn, signature),
    dispose() {},
  };
}

async function compile(ort: typeof Ort, report: DeviceReport, settings: ProviderSettings, name: string, fn: GraphFunction, signature: Signature): Promise<Program> {
  const state = signature.state;
  if (state && !(state instanceof OnnxState)) throw new AtelierError('bad-input', `The state given to "${name}" belongs to another device.`, `Create the state on the device "${report.id}".`);
  const traced = trace(name, fn, signature.inputs, state?.specs ?? {}, { target: settings.target });
  const start = performance.now();
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(traced.bytes, sessionOptions(settings, traced));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AtelierError('unavailable', `The device "${report.id}" could not prepare "${name}": ${message}`, 'Choose another device, for example the CPU.', { cause });
  }
  const createMs = performance.now() - start;
  return new OnnxProgram(ort, session, name, signature, traced, state as OnnxState | undefined, settings.keepsOnGpu, createMs);
}

function sessionOptions(settings: ProviderSettings, traced?: Traced): Ort.InferenceSession.SessionOptions {
  const options: Ort.InferenceSession.SessionOptions = {
    executionProviders: settings.providers,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Denormals slow the CPU's arithmetic a hundredfold and mean nothing here.
    extra: { session: { set_denormal_as_zero: '1' } },
  };
  if (settings.threads) options.intraOpNumThreads = settings.threads;
  if (settings.keepsOnGpu && traced) {
    options.preferredOutputLocation = Object.fromEntries([
      ...[...traced.stateOut.values()].map((value) => [value, 'gpu-buffer'] as const),
      ...[...traced.outputs.values()].map(({ value }) => [value, 'cpu'] as const),
    ]);
  }
  return options;
}

class OnnxProgram implements Program {
  readonly stats: Program['stats'];
  private readonly outputs = new Map<string, Ort.Tensor>();

  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly name: string,
    private readonly signature: Signature,
    private readonly traced: Traced,
    private readonly state: OnnxState | undefined,
    private readonly keepsOnGpu: boolean,
    createMs: number,
  ) {
    this.stats = { nodes: traced.nodes, bytes: traced.bytes.length, traceMs: traced.traceMs, createMs };
    if (keepsOnGpu) return;
    for (const { value, spec } of traced.outputs.values()) {
      const data = spec.dtype === 'int32' ? new Int32Array(sizeOf(spec.shape)) : new Float32Array(sizeOf(spec.shape));
      this.outputs.set(value, new ort.Tensor(spec.dtype, data as Float32Array, [...spec.shape]));
    }
  }

  async run(inputs: Record<string, HostArray>): Promise<Record<string, HostArray>> {
    const feeds: Record<string, Ort.Tensor> = {};
    for (const [key, spec] of Object.entries(this.signature.inputs)) {
      const values = inputs[key];
      checkValues(`Running "${this.name}"`, key, spec, values);
      const value = this.traced.inputs.get(key);
      if (value) feeds[value] = new this.ort.Tensor(spec.dtype, values as Float32Array, [...spec.shape]);
    }
    for (const [key, value] of this.traced.stateIn) feeds[value] = this.state!.get(key);
    const results = this.keepsOnGpu ? await this.session.run(feeds) : await this.runInPlace(feeds);
    const out: Record<string, HostArray> = {};
    for (const [key, { value }] of this.traced.outputs) out[key] = results[value].data as HostArray;
    if (this.keepsOnGpu) for (const [key, value] of this.traced.stateOut) this.state!.replace(key, results[value]);
    return out;
  }

  private async runInPlace(feeds: Record<string, Ort.Tensor>): Promise<Record<string, Ort.Tensor>> {
    const fetches: Record<string, Ort.Tensor> = Object.fromEntries(this.outputs);
    for (const [key, value] of this.traced.stateOut) fetches[value] = this.state!.next(key);
    await this.session.run(feeds, fetches);
    for (const key of this.traced.stateOut.keys()) this.state!.advance(key);
    return fetches;
  }

  dispose(): void {
    const release = () => void this.session.release();
    if (this.keepsOnGpu && this.traced.stateOut.size) this.state!.releaseAfter(release);
    else release();
  }
}
