import { availableParallelism, cpus } from 'node:os';
import { writeOnnx } from '../graph/onnx-writer.ts';
import { findGpu } from './gpu.ts';
import type { Gpu } from './gpu.ts';
import { locate, tryProvider } from './trial.ts';
import type { Trial } from './trial.ts';
import type { DeviceId, DeviceReport } from './types.ts';

export const ALL_DEVICES: readonly DeviceId[] = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow'];
export const TENSORFLOW_PACKAGE = '@tensorflow/tfjs-node-gpu';

/** y = x * x of matrices [2, 2]. */
export function probeModel(): Uint8Array {
  const value = (name: string) => ({ name, type: 'float32' as const, dims: [2, 2] });
  return writeOnnx({ name: 'probe', nodes: [{ op: 'MatMul', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }], initializers: new Map(), inputs: [value('x')], outputs: [value('y')] });
}

const title: Record<DeviceId, string> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA', dml: 'DirectML', coreml: 'Core ML', tensorflow: 'TensorFlow' };
const platforms: Partial<Record<DeviceId, { needs: NodeJS.Platform[]; words: string }>> = {
  cuda: { needs: ['linux', 'win32'], words: 'Linux or Windows' },
  dml: { needs: ['win32'], words: 'Windows' },
  coreml: { needs: ['darwin'], words: 'macOS' },
};

function absent(id: DeviceId, name: string, reason: string, software = false): DeviceReport {
  return { id, name, available: false, software, reason };
}

/** Tries one device and says what it found; never throws, never takes the process down. */
export async function probe(id: DeviceId): Promise<DeviceReport> {
  if (id === 'cpu') return cpuReport(availableParallelism());
  const platform = platforms[id];
  if (platform && !platform.needs.includes(process.platform)) return absent(id, title[id], `${title[id]} exists on ${platform.words} only; choose another device.`);
  const packageName = id === 'tensorflow' ? TENSORFLOW_PACKAGE : 'onnxruntime-node';
  const library = locate(packageName);
  if (!library) {
    const remedy = id === 'tensorflow' ? `The optional package ${packageName} is not installed; "npm install ${packageName}" adds it (about half a gigabyte).` : `The package ${packageName} is missing; install the application again.`;
    return absent(id, title[id], remedy);
  }
  const gpu = await findGpu();
  const trial = await tryProvider(id, library, probeModel());
  return judge(id, trial, gpu);
}

export function cpuReport(threads: number): DeviceReport {
  const model = cpus()[0]?.model.trim();
  return { id: 'cpu', name: `CPU, ${threads} thread${threads === 1 ? '' : 's'}${model ? `, ${model}` : ''}`, available: true, software: false, reason: 'Always available.' };
}

/** Puts a trial's outcome in words that say what to do. */
export function judge(id: DeviceId, trial: Trial, gpu: Gpu | undefined): DeviceReport {
  if (trial.works) {
    const software = gpu === undefined ? id === 'webgpu' : gpu.software;
    const name = `${gpu?.name ?? (software ? 'software GPU' : 'GPU')}, ${title[id]}`;
    const reason = software ? 'Works, but is emulated on the CPU and slower than the CPU device; for tests only.' : 'Works.';
    return { id, name, available: true, software, reason };
  }
  const first = trial.error.split('\n')[0];
  if (trial.timedOut) return absent(id, title[id], 'The driver did not answer within 30 seconds; update the graphics driver and try again.');
  if (/no supported adapters|failed to get a webgpu adapter/i.test(trial.error)) return absent(id, title[id], `No GPU with a ${process.platform === 'linux' ? 'Vulkan driver was found; install the driver of your GPU and the Vulkan loader (Debian: libvulkan1 mesa-vulkan-drivers).' : 'Metal or Direct3D 12 driver was found; install the graphics driver of your GPU.'}`);
  if (id === 'cuda') return absent(id, title[id], gpu && /nvidia|geforce|quadro|tesla|rtx|gtx/i.test(gpu.name) ? `CUDA could not start (${first}); install CUDA 12 and cuDNN 9, or use WebGPU, which needs neither.` : 'No NVIDIA GPU with CUDA was found; use WebGPU, which runs on any vendor\'s GPU.');
  return absent(id, title[id], `${title[id]} could not start: ${first}. Update the graphics driver, or choose another device.`);
}
