import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { AtelierError } from '../core/errors.ts';

/**
 * The rotation or reflection R that turns `positions` onto `previous`, least squares over the items
 * (orthogonal Procrustes: Schonemann 1966). Both clouds are taken about their own centre.
 * @param previous [N, 3]
 * @param positions [N, 3], the same items in the same order
 * @returns R [3, 3] row-major: `aligned = R position`
 * @throws AtelierError 'bad-input' when the numbers of items differ
 */
export function rotationTo(previous: Float32Array, positions: Float32Array): Float64Array {
  if (previous.length !== positions.length) throw new AtelierError('bad-input', `rotationTo: ${previous.length / 3} items before, ${positions.length / 3} now.`, 'Align frames of the same items.');
  const n = positions.length / 3;
  const a = centre(previous, n), b = centre(positions, n);
  const m = Matrix.zeros(3, 3);
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) m.set(r, c, m.get(r, c) + (previous[i * 3 + r] - a[r]) * (positions[i * 3 + c] - b[c]));
    }
  }
  const svd = new SingularValueDecomposition(m, { autoTranspose: true });
  const rotation = svd.leftSingularVectors.mmul(svd.rightSingularVectors.transpose());
  const out = new Float64Array(9);
  for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) out[r * 3 + c] = rotation.get(r, c);
  // A cloud without extent in some direction may leave the decomposition incomplete: then nothing is turned.
  return isOrthogonal(out) ? out : Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
}

/** Positions turned onto the previous frame. [N, 3] */
export function alignTo(previous: Float32Array, positions: Float32Array): Float32Array {
  return rotate(rotationTo(previous, positions), positions);
}

/** `R p` for each position. @param r [3, 3] @param rows [N, 3] */
export function rotate(r: Float64Array, rows: Float32Array): Float32Array {
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i += 3) {
    const x = rows[i], y = rows[i + 1], z = rows[i + 2];
    for (let a = 0; a < 3; a++) out[i + a] = r[a * 3] * x + r[a * 3 + 1] * y + r[a * 3 + 2] * z;
  }
  return out;
}

function centre(rows: Float32Array, n: number): [number, number, number] {
  const c: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < n; i++) for (let a = 0; a < 3; a++) c[a] += rows[i * 3 + a] / n;
  return c;
}

function isOrthogonal(r: Float64Array): boolean {
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      const dot = r[a * 3] * r[b * 3] + r[a * 3 + 1] * r[b * 3 + 1] + r[a * 3 + 2] * r[b * 3 + 2];
      if (!(Math.abs(dot - (a === b ? 1 : 0)) < 1e-6)) return false;
    }
  }
  return true;
}
