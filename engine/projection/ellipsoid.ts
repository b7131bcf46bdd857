import { symmetricEigen } from './eigen.ts';

/** Half axes of the ellipsoid of one standard deviation, longest first, as rows. @param covariance [3, 3] @returns [3, 3] */
export function ellipsoid(covariance: Float64Array): Float32Array {
  const { values, vectors } = symmetricEigen(covariance.slice(), 3);
  const axes = new Float32Array(9);
  for (let k = 0; k < 3; k++) for (let a = 0; a < 3; a++) axes[k * 3 + a] = Math.sqrt(Math.max(0, values[k])) * vectors[k * 3 + a];
  return axes;
}
