import type { ViewProjection } from '../../scene/camera/view-projection.ts';
import type { PointBits, SetMode } from '../../scene/select/point-bits.ts';
import { pointsUnder, ScreenMask } from '../../scene/select/screen-mask.ts';
import type { MapTool } from './tools.ts';

/** How the keys that are held join a new set to the one there is: shift adds, alt takes away, both keep what is in both. */
export const modeOf = (event: Pick<MouseEvent, 'shiftKey' | 'altKey'>): SetMode =>
  event.shiftKey && event.altKey ? 'intersect' : event.shiftKey ? 'add' : event.altKey ? 'subtract' : 'replace';

/** The outline of a selection while it is drawn, in pixels from the top left of the map. */
export interface ShapeDrag {
  tool: Exclude<MapTool, 'look'>;
  /** x, y, x, y, ...: two corners of a box, or the way of the pointer. */
  points: readonly number[];
  /** Of the brush. */
  radius: number;
}

/** Corners of a lasso nearer to each other than this add nothing. */
const stepPx = 3;

/** The shape with the pointer at another place. */
export function drawnTo(shape: ShapeDrag, x: number, y: number): ShapeDrag {
  const { points } = shape;
  if (shape.tool === 'box') return { ...shape, points: [points[0], points[1], x, y] };
  if (Math.hypot(x - points[points.length - 2], y - points[points.length - 1]) < stepPx) return shape;
  return { ...shape, points: [...points, x, y] };
}

/** The points within a shape, near and far alike. @param presence [N, 4] bytes; dimmed points are left out */
export function pointsWithin({ tool, points, radius }: ShapeDrag, view: ViewProjection, positions: Float32Array, presence: Uint8Array | null): PointBits {
  const mask = new ScreenMask(view.width, view.height);
  if (tool === 'box') mask.box(points[0], points[1], points[2] ?? points[0], points[3] ?? points[1]);
  else if (tool === 'lasso') mask.polygon(points);
  else for (let i = 0; i < points.length; i += 2) mask.stroke(points[Math.max(0, i - 2)], points[Math.max(1, i - 1)], points[i], points[i + 1], radius);
  return pointsUnder(mask, view, positions, presence);
}
