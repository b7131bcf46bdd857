import type { Workload } from './adam.ts';
import { pixelCnn } from './pixelcnn.ts';
import { vae } from './vae.ts';
import { vqVae } from './vq-vae.ts';

/** The workloads in sizes that the reference implementation can run. */
export const smallWorkloads = (): Workload[] => [
  vqVae({ batch: 2, size: 16, hidden: 16, residualHidden: 8, residualLayers: 2, dim: 8, codes: 16 }),
  vae({ batch: 3, size: 12, channels: 1, hidden: 6, dim: 4 }),
  pixelCnn({ batch: 2, size: 5, channels: 6, layers: 3, codes: 9, head: 8 }),
];
