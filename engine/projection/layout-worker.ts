/** A thread of a crew. Bundled as `layout-worker.mjs` beside the programs that project. */
import { parentPort } from 'node:worker_threads';
import { kernels, type KernelName } from './kernels.ts';

parentPort?.on('message', ({ kernel, args }: { kernel: KernelName; args: never }) => {
  kernels[kernel](args);
  parentPort!.postMessage(null);
});
