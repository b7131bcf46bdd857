import { checkEnding, openVectors, type AddedColumn } from '../../data/tables/index.ts';
import { nearestNeighbours } from '../../projection/index.ts';
import type { TaskContext } from '../worker-messages.ts';
import type { NeighboursRequest, NeighboursSummary } from './request.ts';
import { nativeTopProducts } from './top-products.ts';

/**
 * Writes the nearest rows of each row of a table: columns `neighbour_1`... (numbers of rows of the file, from 0) and
 * `distance_1`..., nearest first, with the table's other columns.
 */
export async function tableNeighbours(request: NeighboursRequest, { log, signal, progress }: TaskContext): Promise<NeighboursSummary> {
  const began = performance.now();
  checkEnding(request.out); // before the work, not after it
  progress({ progress: 0, etaSec: null, message: 'Reading the table' });
  const table = await openVectors(request.table, { metadata: request.metadata, columns: request.columns });
  const native = await nativeTopProducts();
  try {
    for (const warning of table.warnings) log.warn(warning);
    const { n, k, indices, distances, recall } = await nearestNeighbours(
      { values: table.values, n: table.n, d: table.d },
      { k: request.k, metric: request.metric, recall: request.recall, seed: request.seed, topProducts: native.topProducts, signal, onProgress: (done, message) => progress({ progress: done, etaSec: null, message }) },
    );
    const columns: AddedColumn[] = [];
    for (let j = 0; j < k; j++) columns.push({ name: `neighbour_${j + 1}`, values: Int32Array.from({ length: n }, (_, i) => table.rows[indices[i * k + j]]) });
    for (let j = 0; j < k; j++) columns.push({ name: `distance_${j + 1}`, values: Float32Array.from({ length: n }, (_, i) => distances[i * k + j]) });
    await table.save(columns, request.out);
    return { out: request.out, rows: n, k, searchRecall: recall, excludedRows: table.excluded.reduce((sum, { count }) => sum + count, 0), seconds: (performance.now() - began) / 1000, warnings: table.warnings };
  } finally {
    table.close();
    await native.close();
  }
}
