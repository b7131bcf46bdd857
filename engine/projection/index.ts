export { alignTo, rotate, rotationTo } from './align.ts';
export { project, projectFrame, type ProjectedFrame } from './frame.ts';
export { createInverse, nearestItems, type Inverse, type InverseOptions, type Unprojected } from './inverse.ts';
export { pca, type Pca, type PcaOptions } from './pca.ts';
export type { Projection } from '../core/projection.ts';
