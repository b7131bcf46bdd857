/**
 * Outlines of an ellipsoid: the three ellipses through pairs of its axes, each closed.
 * @param centre [3]
 * @param axes half axes as rows, [3, 3]
 * @param corners of each ellipse
 * @returns three lines of [corners + 1, 3]
 */
export function ellipsoidOutlines(centre: ArrayLike<number>, axes: ArrayLike<number>, corners = 48): Float32Array[] {
  return ([[0, 1], [0, 2], [1, 2]] as const).map(([p, q]) => {
    const line = new Float32Array((corners + 1) * 3);
    for (let i = 0; i <= corners; i++) {
      const angle = (i / corners) * 2 * Math.PI;
      for (let a = 0; a < 3; a++) line[i * 3 + a] = centre[a] + Math.cos(angle) * axes[p * 3 + a] + Math.sin(angle) * axes[q * 3 + a];
    }
    return line;
  });
}
