import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/**
 * Eigenvectors of a symmetric matrix by falling eigenvalue.
 * @param a [n, n], row-major
 * @returns values [n]; vectors [n, n], one a row
 */
export function symmetricEigen(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, a), { assumeSymmetric: true });
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  const order = realEigenvalues.map((_, i) => i).sort((i, j) => realEigenvalues[j] - realEigenvalues[i]);
  order.forEach((column, row) => {
    values[row] = realEigenvalues[column];
    for (let i = 0; i < n; i++) vectors[row * n + i] = eigenvectorMatrix.get(i, column);
  });
  return { values, vectors };
}
