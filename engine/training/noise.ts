import { sizeOf } from '../core/axes.ts';
import { rng, type RngKey } from '../core/rng.ts';
import type { NoiseSpec } from '../models/define.ts';

/** Draws the named noise from the key, each name its own stream. */
export function drawNoise(specs: Readonly<Record<string, NoiseSpec>>, key: readonly RngKey[], prefix = ''): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, kind }]) => {
      const values = new Float32Array(sizeOf(shape));
      const draw = rng(...key, name);
      return [`${prefix}${name}`, kind === 'normal' ? draw.fillNormal(values) : draw.fillUniform(values)];
    }),
  );
}
