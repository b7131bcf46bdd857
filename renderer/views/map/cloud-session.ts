import type { ErrorValue, Picture, PointSource } from '../../../electron/contract/index.ts';
import type { ThumbnailSource } from '../../scene/layers/thumbnail-slots.ts';
import type { Chosen } from './chosen.svelte.ts';
import type { Colouring } from './colouring.svelte.ts';

export type Vec3 = [number, number, number];

/** Small pictures of items, for the scene and for the page. */
export interface ItemPictures extends ThumbnailSource {
  /** Draws an item into a square, never stretched. @param side in pixels @returns false while it cannot be drawn */
  draw(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, item: number, side: number): boolean;
}

/** Something to choose: a column to colour by, a layout to compare with. */
export interface ColourChoice {
  value: string;
  label: string;
  note?: string;
}

/** What the decoder makes at the probe. */
export interface ProbeAnswer {
  picture: Picture;
  /** 0 (far from all data) to 1 (at an item). */
  confidence: number;
  nearest: readonly number[];
}

/** Where the axes of a map come from. */
export interface MapAxes {
  names: readonly string[];
  /** Share of the variance along each, if it has one. */
  explained: readonly number[] | null;
}

/**
 * A map that is open: what was loaded, what is shown, what is selected. The parts of the page know only this; runs, tables and
 * codebooks each have their own. It knows nothing of the canvas.
 */
export interface CloudSession {
  readonly kind: 'run' | 'table' | 'codebook';
  readonly status: 'none' | 'loading' | 'ready' | 'empty' | 'failed';
  readonly error: ErrorValue | null;
  /** Changes when another map is shown, which the camera looks at anew. */
  readonly key: string | null;
  readonly title: string;
  readonly count: number;
  /** [N, 3], about within the unit sphere. */
  readonly positions: Float32Array | null;
  /** Of a training; null where there is none. */
  readonly step: number | null;
  readonly axes: MapAxes | null;
  readonly colouring: Colouring;
  readonly chosen: Chosen;
  readonly colourChoices: readonly ColourChoice[];
  /** Points by the engine's calls; null while it is not open. */
  readonly source: PointSource | null;
  /** Layout that is shown, by the engine's name. */
  readonly layout: string | null;
  hovered: number;
  /** The item in the inspector, or -1. */
  readonly selected: number;
  readonly neighbours: readonly number[];
  readonly pictures: ItemPictures | null;
  /** Grows when more pictures can be drawn. */
  readonly picturesReady: number;
  readonly decodes: boolean;
  readonly probe: Vec3 | null;
  readonly decoded: ProbeAnswer | null;
  readonly decodeError: ErrorValue | null;
  readonly decoding: boolean;

  /** The points with the layout that is shown among theirs, by name; opened anew where the model is another by now. */
  here(): Promise<{ source: string; layout: string }>;
  /** What may stand beside the map: other steps of the training, other layouts. */
  readonly others: readonly ColourChoice[];
  /** Positions of one of the others, as the scene shows them. */
  positionsOf(other: string): Promise<Float32Array>;
  colourBy(column: string): Promise<void> | void;
  select(item: number): void;
  /** Empty while it is not known yet. */
  nameOf(item: number): string;
  labelOf(item: number): string;
  /** Items whose name has these words. */
  find(query: string, limit: number): Promise<readonly number[]>;
  setProbe(position: Vec3 | null): void;
  /** From where the scene shows it to the layout's own coordinates. */
  toLayout(position: Vec3): Vec3;
  fromLayout(position: ArrayLike<number>): Vec3;
  /** Earlier places of an item, [T, 3], oldest first; null when there is no path. */
  trail(item: number): Float32Array | null;
  close(): void;
}
