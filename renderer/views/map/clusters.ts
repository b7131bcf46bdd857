import type { Client } from '../../../electron/contract/index.ts';
import { hullEdges } from '../../scene/hull-edges.ts';
import type { Stroke } from '../../scene/map-scene.ts';
import type { CloudSession, Vec3 } from './cloud-session.ts';

/** A dense region and what its points have in common. */
export interface NamedCluster {
  name: string;
  position: Vec3;
  count: number;
}

/** Dense regions of the layout that is shown: their names and the edges of their hulls. */
export async function findClusters(client: Client, session: CloudSession): Promise<{ clusters: NamedCluster[]; strokes: Stroke[] }> {
  const found = (await client.call('points.clusters', await session.here())).clusters.filter(({ id }) => id >= 0);
  const shown = (place: ArrayLike<number>): Vec3 => session.fromLayout(place);
  return {
    clusters: found.map(({ id, label, centre, count }) => ({ name: label ?? `Cluster ${id + 1}`, position: shown(centre), count })),
    strokes: found.flatMap(({ hull }) =>
      hullEdges(hull.corners, hull.triangles).map((edge): Stroke => ({ points: Float32Array.from([...shown(edge.subarray(0, 3)), ...shown(edge.subarray(3, 6))]), color: null, alpha: [0.22, 0.22] })),
    ),
  };
}
