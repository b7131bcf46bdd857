import { framing, overview } from './camera/pose.ts';
import { project, type ScreenPoint } from './camera/view-projection.ts';
import { pointPx } from './cloud/point-size.ts';
import type { Box } from './label-layout.ts';
import { GroundLayer, groundHeight } from './layers/ground-layer.ts';
import type { Frame, Theme } from './layers/layer.ts';
import { LineLayer } from './layers/line-layer.ts';
import { MarkerLayer, type Marker } from './layers/marker-layer.ts';
import { PointsLayer } from './layers/points-layer.ts';
import { ThumbnailLayer } from './layers/thumbnail-layer.ts';
import type { ThumbnailSource } from './layers/thumbnail-slots.ts';
import { Stage } from './stage.ts';
import { svgOf, type SvgScene } from './svg.ts';

type Vec3 = [number, number, number];

/** What is marked in the picture. Items are indices, -1 none. */
export interface Marked {
  hovered: number;
  selected: number;
  neighbours: readonly number[];
  /** Earlier places of the selected item, oldest first. [T, 3] */
  trail: Float32Array | null;
  probe: Readonly<Vec3> | null;
  /** Items nearest to the probe. */
  probeNearest: readonly number[];
  /** Lines in space: paths, trails, outlines. */
  strokes: readonly Stroke[];
}

/** A line through places. */
export interface Stroke {
  /** [T, 3] */
  points: Float32Array;
  /** Null: the accent. */
  color: Theme['ink'] | null;
  /** 0 to 1, at the first place and at the last. */
  alpha: readonly [number, number];
  /** Marks the places too: `dots` all of them, `end` the last. */
  marks?: 'dots' | 'end';
}

/** The map's picture: the layers put together, and what the view asks of them. */
export class MapScene {
  readonly stage: Stage;
  marked: Marked = { hovered: -1, selected: -1, neighbours: [], trail: null, probe: null, probeNearest: [], strokes: [] };
  /** What the last look for the item at a pixel took, for tests and measurements. */
  pickMs = 0;
  readonly #ground = new GroundLayer();
  readonly #points = new PointsLayer();
  readonly #lines = new LineLayer();
  readonly #thumbnails = new ThumbnailLayer();
  readonly #markers = new MarkerLayer();
  #colors: Uint8Array | null = null;
  #theme: Theme | null = null;

  /** @throws Error when there is no WebGL 2 */
  constructor(canvas: HTMLCanvasElement) {
    this.stage = new Stage(canvas);
    for (const layer of [this.#ground, this.#points, this.#lines, this.#thumbnails, this.#markers]) this.stage.add(layer);
    this.stage.onUpdate = (frame) => this.#mark(frame);
    this.#thumbnails.grids.onReady = () => this.stage.invalidate(true);
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.stage.setTheme(theme);
  }

  /** False under prefers-reduced-motion. */
  setMotion(on: boolean): void {
    this.stage.rig.motion = on;
    this.#thumbnails.motion = on;
  }

  /** @param positions [N, 3] @param glide move there in 600 ms; else this is another map, and the camera looks at it anew */
  setPositions(positions: Float32Array, glide: boolean): void {
    const { cloud, rig } = this.stage;
    cloud.advance(positions, glide && rig.motion, performance.now());
    if (!glide && positions.length > 0) rig.set(overview(cloud.extent.centre, cloud.extent.radius));
    this.stage.touch();
  }

  /** @param rgba [N, 4] bytes; kept. Call again after changing them. */
  setColors(rgba: Uint8Array): void {
    this.#colors = rgba;
    this.#points.setColors(rgba);
    this.#thumbnails.setColors(rgba);
    this.stage.touch();
  }

  setThumbnails(source: ThumbnailSource | null): void {
    this.#thumbnails.setSource(source);
    this.stage.invalidate(true);
  }

  set thumbnails(on: boolean) {
    this.#thumbnails.enabled = on;
    this.stage.invalidate(true);
  }

  set opacity(opacity: number) {
    this.#points.opacity = opacity;
    this.stage.invalidate();
  }

  mark(change: Partial<Marked>): void {
    this.marked = { ...this.marked, ...change };
    this.stage.invalidate(true);
  }

  /** Thumbnails on the screen. */
  get thumbnailCount(): number {
    return this.#thumbnails.shown.size;
  }

  /** Boxes of what must stay in sight: the selected item. Pixels from the top left. */
  keptClear(): Box[] {
    const { selected } = this.marked;
    if (selected < 0 || selected >= this.stage.cloud.count) return [];
    const at = this.project(...this.stage.cloud.at(selected));
    const half = (this.#thumbnails.shown.get(selected)?.placed.px ?? 20) / 2 + 2;
    return [{ x0: at.x - half, y0: at.y - half, x1: at.x + half, y1: at.y + half }];
  }

  /** The item at a pixel, or -1. @param slopPx how far beside its rim a point may still be caught */
  pick(x: number, y: number, slopPx = 5): number {
    const begun = performance.now();
    const onThumbnail = this.stage.pick(x, y);
    if (onThumbnail >= 0) return onThumbnail;
    const { frame, cloud } = this.stage;
    if (cloud.count === 0) return -1;
    const item = this.#thumbnails.grid(frame)?.pick(frame.view, x, y, frame.size, slopPx, this.#colors ?? undefined) ?? -1;
    this.pickMs = performance.now() - begun;
    return item;
  }

  /** Items can be picked; of many it takes a moment after they came. */
  get pickable(): boolean {
    return this.#thumbnails.grid(this.stage.frame) !== null;
  }

  project(x: number, y: number, z: number, out?: ScreenPoint): ScreenPoint {
    return project(this.stage.frame.view, x, y, z, out);
  }

  reset(): void {
    const { rig, cloud } = this.stage;
    rig.glideTo(overview(cloud.extent.centre, cloud.extent.radius), performance.now());
    this.stage.invalidate();
  }

  /** Glides to items. */
  focus(indices: ArrayLike<number>): void {
    const { rig, cloud } = this.stage;
    if (indices.length === 0) return this.reset();
    rig.glideTo(framing(rig.pose, cloud.to, indices), performance.now());
    this.stage.invalidate();
  }

  #mark(frame: Frame): void {
    const { hovered, selected, neighbours, trail, probe, probeNearest, strokes } = this.marked;
    const theme = this.#theme;
    const { cloud } = frame;
    this.#lines.clear();
    this.#markers.markers = [];
    if (!theme) return;
    const there = (item: number): boolean => item >= 0 && item < cloud.count;
    this.#thumbnails.must = [...new Set([selected, hovered])].filter(there);
    this.#thumbnails.preferred = [...neighbours, ...(probe ? probeNearest : [])];
    const markers: Marker[] = [];
    const ring = (item: number, color: Theme['ink'], line: number, alpha: number): void => {
      const position = cloud.at(item);
      const at = project(frame.view, ...position);
      if (at.depth <= frame.view.near) return;
      const shown = this.#thumbnails.shown.get(item);
      const px = shown ? shown.placed.px + 2 : pointPx(frame.size, frame.view.pixelsPerUnit, at.depth) + 5;
      markers.push({ position, shape: shown ? 'frame' : 'ring', px, color, alpha, line });
    };
    if (there(selected)) {
      const middle = cloud.at(selected);
      for (const item of neighbours) if (there(item)) this.#lines.add(middle, cloud.at(item), theme.ink, 0.42, 0.14);
      if (trail) for (let i = 0; i + 5 < trail.length; i += 3) this.#lines.add(trail.subarray(i, i + 3), trail.subarray(i + 3, i + 6), theme.accent, (0.9 * i) / trail.length, (0.9 * (i + 3)) / trail.length);
      for (const item of neighbours) if (there(item) && item !== hovered) ring(item, theme.ink, 1, 0.7);
      ring(selected, theme.accent, 2, 1);
    }
    if (there(hovered) && hovered !== selected) ring(hovered, theme.ink, 1.5, 0.95);
    for (const stroke of strokes) this.#draw(stroke, theme, markers);
    if (probe) {
      for (const item of probeNearest) if (there(item)) this.#lines.add(probe, cloud.at(item), theme.accent, 0.7, 0.12);
      this.#lines.add(probe, [probe[0], groundHeight, probe[2]], theme.accent, 0.5, 0.08);
      markers.push({ position: [...probe], shape: 'probe', px: 24, color: theme.accent, alpha: 1, line: 1.5 });
    }
    this.#markers.markers = markers;
  }

  #draw({ points, color, alpha, marks }: Stroke, theme: Theme, markers: Marker[]): void {
    const ink = color ?? theme.accent;
    const count = points.length / 3;
    const at = (i: number): Float32Array => points.subarray(i * 3, i * 3 + 3);
    const alphaAt = (i: number): number => alpha[0] + (alpha[1] - alpha[0]) * (count > 1 ? i / (count - 1) : 1);
    for (let i = 0; i + 1 < count; i++) this.#lines.add(at(i), at(i + 1), ink, alphaAt(i), alphaAt(i + 1));
    if (!marks) return;
    for (let i = marks === 'dots' ? 0 : count - 1; i < count; i++) markers.push({ position: [points[i * 3], points[i * 3 + 1], points[i * 3 + 2]], shape: 'ring', px: 7, color: ink, alpha: 1, line: 2 });
  }

  /** The picture as it stands, as PNG. @param factor 1: as large as on the screen */
  screenshot(canvas: HTMLCanvasElement, factor = 1): Promise<Blob> {
    return this.stage.enlarged(factor, () => new Promise<Blob>((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The canvas gave no picture.'))), 'image/png'),
    ));
  }

  /** The picture as drawn shapes. */
  svg(labels: SvgScene['labels']): string {
    const { frame, cloud } = this.stage;
    if (!this.#theme || !this.#colors) return '';
    return svgOf({ view: frame.view, positions: cloud.to, rgba: this.#colors, size: frame.size, ground: this.#theme.ground, ink: this.#theme.ink, labels });
  }

  dispose(): void {
    this.stage.dispose();
  }
}
