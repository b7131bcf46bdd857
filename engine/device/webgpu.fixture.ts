import * as tf from '@tensorflow/tfjs-core';
import { listDevices, openDevice } from './index.ts';
import { difference, fiveSteps } from './workloads/five-steps.ts';
import { smallWorkloads } from './workloads/small.ts';

/** What a process with a software Vulkan driver found; printed as JSON for the test that started it. */
export interface WebGpuFindings {
  report: Awaited<ReturnType<typeof listDevices>>;
  agreements: Record<string, { loss: number; tensor: number; worst: string }>;
  shared: { read: number[]; afterWrite: number[] };
}

const { devices, default: choice } = await listDevices();
const gpu = await openDevice('webgpu');
const cpu = await openDevice('cpu');
const agreements: WebGpuFindings['agreements'] = {};
for (const w of smallWorkloads()) {
  agreements[w.name] = difference(await fiveSteps(cpu, w), await fiveSteps(gpu, w));
}

// Two programs on one state, which one of them moves on in GPU memory.
const state = gpu.createState({ w: { shape: [2, 2, 1, 3], values: Float32Array.from({ length: 12 }, (_, i) => i) } });
const advance = await gpu.compile('advance', (_, s) => ({ outputs: {}, state: { w: tf.add(s.w, 1) } }), { inputs: {}, state });
const look = await gpu.compile('look', (_, s) => ({ outputs: { w: tf.mul(s.w, 2) } }), { inputs: {}, state });
await advance.run({});
await advance.run({});
const read = Array.from((await look.run({})).w);
await state.write({ w: new Float32Array(12).fill(5) });
await advance.run({});
const afterWrite = Array.from((await state.read(['w'])).w);
const findings: WebGpuFindings = { report: { devices, default: choice }, agreements, shared: { read, afterWrite } };
process.stdout.write(`${JSON.stringify(findings)}\n`, () => process.exit(0));
