/** Positions and columns of a source, in pieces that leave the window free between them. */
import { mostPoints, type Category, type Client, type LayoutInfo, type PointSource } from '../../../electron/contract/index.ts';
import type { Vec3 } from './cloud-session.ts';

/** How a layout's own coordinates are brought into the unit sphere. */
export interface Placement {
  centre: Vec3;
  scale: number;
}

/** The middle of the bounds and half of their longest diagonal; of no extent: unit scale. */
export function placementOf(bounds: NonNullable<LayoutInfo['bounds']>): Placement {
  const centre = bounds.low.map((low, a) => (low + bounds.high[a]) / 2) as Vec3;
  const half = Math.max(...bounds.low.map((low, a) => (bounds.high[a] - low) / 2));
  return { centre, scale: half > 0 && Number.isFinite(half) ? 1 / half : 1 };
}

export const placed = ({ centre, scale }: Placement, at: ArrayLike<number>): Vec3 => [0, 1, 2].map((a) => (at[a] - centre[a]) * scale) as Vec3;
export const unplaced = ({ centre, scale }: Placement, at: Vec3): Vec3 => at.map((x, a) => x / scale + centre[a]) as Vec3;

async function inParts(count: number, part: (from: number, size: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += mostPoints) await part(from, Math.min(mostPoints, count - from));
}

/** @returns coordinates in the layout's own units, [N, 3], and their bounds */
export async function loadPositions(client: Client, source: PointSource, layout: string): Promise<{ positions: Float32Array; bounds: NonNullable<LayoutInfo['bounds']> }> {
  const positions = new Float32Array(source.count * 3);
  const low: Vec3 = [Infinity, Infinity, Infinity];
  const high: Vec3 = [-Infinity, -Infinity, -Infinity];
  await inParts(source.count, async (from, count) => {
    const part = (await client.call('points.positions', { source: source.id, layout, from, count })).positions;
    positions.set(part, from * 3);
    for (let a = 0; a < 3; a++) {
      let [least, most] = [low[a], high[a]];
      for (let i = a; i < part.length; i += 3) {
        if (part[i] < least) least = part[i];
        if (part[i] > most) most = part[i];
      }
      low[a] = least;
      high[a] = most;
    }
  });
  return { positions, bounds: source.count > 0 ? { low, high } : { low: [0, 0, 0], high: [0, 0, 0] } };
}

/** Brings positions into the unit sphere, in place. */
export function place(positions: Float32Array, { centre: [x, y, z], scale }: Placement): Float32Array {
  for (let i = 0; i < positions.length; i += 3) {
    positions[i] = (positions[i] - x) * scale;
    positions[i + 1] = (positions[i + 1] - y) * scale;
    positions[i + 2] = (positions[i + 2] - z) * scale;
  }
  return positions;
}

export type ColumnValues = { type: 'number'; values: Float32Array } | { type: 'category'; codes: Int32Array; categories: Category[] };

export async function loadColumn(client: Client, source: PointSource, column: string): Promise<ColumnValues> {
  let loaded: ColumnValues | null = null;
  await inParts(source.count, async (from, count) => {
    const part = await client.call('points.column', { source: source.id, column, from, count });
    if (part.type === 'number') {
      loaded ??= { type: 'number', values: new Float32Array(source.count) };
      if (loaded.type === 'number') loaded.values.set(part.values, from);
    } else {
      loaded ??= { type: 'category', codes: new Int32Array(source.count), categories: part.categories };
      if (loaded.type === 'category') loaded.codes.set(part.codes, from);
    }
  });
  return loaded ?? { type: 'category', codes: new Int32Array(0), categories: [] };
}
