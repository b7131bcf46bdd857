import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { AtelierError } from '../core/errors.ts';
import { chooseDefault } from './choice.ts';
import { eagerTfjsDevice } from './eager-device.ts';
import { onnxDevice } from './onnx-device.ts';
import { onnxRuntime } from './ort.ts';
import { ALL_DEVICES, TENSORFLOW_PACKAGE, cpuReport, probe } from './probe.ts';
import type { Device, DeviceChoice, DeviceId, DeviceReport } from './types.ts';

export * from './types.ts';
export { eagerDevice } from './eager-device.ts';
export { exportOnnx, loadOnnx } from './export.ts';

export interface OpenOptions {
  /** Threads of the CPU kernels; default: one per core. */
  threads?: number;
}

let listed: Promise<{ devices: DeviceReport[]; default: DeviceChoice }> | undefined;
const probed = new Map<DeviceId, Promise<DeviceReport>>();

function report(id: DeviceId): Promise<DeviceReport> {
  let found = probed.get(id);
  if (!found) {
    found = probe(id);
    probed.set(id, found);
  }
  return found;
}

/**
 * Tries every device (in processes of their own, a few seconds) and names the default. The answer is kept.
 * @param options.refresh try again
 */
export function listDevices(options: { refresh?: boolean } = {}): Promise<{ devices: DeviceReport[]; default: DeviceChoice }> {
  if (options.refresh) {
    listed = undefined;
    probed.clear();
  }
  listed ??= Promise.all(ALL_DEVICES.map(report)).then((devices) => ({ devices, default: chooseDefault(devices) }));
  return listed;
}

/**
 * Opens a device for compiling and running; without an id the default choice.
 * @throws AtelierError 'unavailable' with the reason where the device cannot be used
 */
export async function openDevice(id?: DeviceId, options: OpenOptions = {}): Promise<Device> {
  const chosen = id ?? (await listDevices()).default.id;
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1) throw new AtelierError('bad-input', `${threads} is not a number of threads.`, 'Give a whole number, 1 or more.');
  if (chosen === 'cpu') return onnxDevice(await onnxRuntime(), cpuReport(threads), { providers: ['cpu'], threads, target: 'cpu', keepsOnGpu: false });
  if (!ALL_DEVICES.includes(chosen)) throw new AtelierError('bad-input', `There is no device "${chosen}".`, `Choose one of ${ALL_DEVICES.join(', ')}.`);
  const found = await report(chosen);
  if (!found.available) throw new AtelierError('unavailable', `The device "${chosen}" cannot be used.`, found.reason);
  if (chosen === 'tensorflow') {
    const name = TENSORFLOW_PACKAGE;
    await import(name);
    return eagerTfjsDevice(found, 'tensorflow');
  }
  return onnxDevice(await onnxRuntime(), found, { providers: [provider(chosen)], threads, target: 'gpu', keepsOnGpu: chosen === 'webgpu' });
}

/**
 * The WebGPU provider of ONNX Runtime 1.30 prefers channels last, and then gets convolutions wrong whose input channels are no multiple of
 * four; channels first, as the graphs are written, it computes right and without turning tensors about.
 */
const provider = (id: DeviceId): InferenceSession.ExecutionProviderConfig => (id === 'webgpu' ? ({ name: 'webgpu', preferredLayout: 'NCHW' } as InferenceSession.ExecutionProviderConfig) : id);
