import { availableParallelism } from 'node:os';
import { AtelierError } from '../core/errors.ts';
import { onnxDevice } from './onnx-device.ts';
import { onnxRuntime } from './ort.ts';
import type { Device, DeviceId } from './types.ts';

export * from './types.ts';
export { eagerDevice } from './eager-device.ts';

export interface OpenOptions {
  /** Threads of the CPU kernels; default: one per core. */
  threads?: number;
}

/** Opens a device for compiling and running; without an id the default choice. */
export async function openDevice(id: DeviceId = 'cpu', options: OpenOptions = {}): Promise<Device> {
  const ort = await onnxRuntime();
  const threads = options.threads ?? availableParallelism();
  if (id === 'cpu') {
    const report = { id, name: `CPU, ${threads} thread${threads === 1 ? '' : 's'}`, available: true, software: false, reason: 'Always there.' };
    return onnxDevice(ort, report, { providers: ['cpu'], threads, keepsOnGpu: false });
  }
  throw new AtelierError('unavailable', `The device "${id}" is not available.`, 'Choose another device.');
}
