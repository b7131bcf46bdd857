/** Sorts positions into cells beside the window's own loop. In: [N, 3]; out: a `CellSort`. */
import { sortIntoCells } from './cell-grid.ts';

self.onmessage = ({ data }: MessageEvent<Float32Array>) => {
  const sort = sortIntoCells(data);
  const { order, cells, blocks } = sort;
  self.postMessage(sort, { transfer: [order, cells.starts, cells.spheres, blocks.starts, blocks.spheres].map(({ buffer }) => buffer) });
};
