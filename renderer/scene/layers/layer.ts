import type { Scene } from 'three';
import type { Pose } from '../camera/pose.ts';
import type { ViewProjection } from '../camera/view-projection.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { ItemSize } from '../cloud/point-size.ts';
import type { Rgb } from '../color/oklab.ts';

/** Which points are drawn, of all in an order that spreads them evenly. */
export interface DrawnPart {
  from: number;
  count: number;
  /** They stand for all, and are each a little larger; else the others come before or after them. */
  alone: boolean;
}

/** What all layers read. The stage fills it in before `update`. */
export interface Frame {
  now: number;
  view: ViewProjection;
  pose: Pose;
  cloud: Cloud;
  size: ItemSize;
  pixelRatio: number;
  /** True while the camera or the items move; layers put off what need not be exact. */
  moving: boolean;
  /** Points to draw now. */
  part: DrawnPart;
}

export interface Theme {
  ground: Rgb;
  ink: Rgb;
  accent: Rgb;
  dark: boolean;
}

/** three.js layer of what lies over the ground and the points: it changes often, and alone, while they stand. */
export const overlay = 1;
/** Of the points, which many pictures may draw together, part by part. */
export const pointsOnly = 2;

/** One kind of thing in the picture, in one draw call. */
export interface Layer {
  /** Adds its objects to the scene, once. */
  setScene(scene: Scene): void;
  setTheme(theme: Theme): void;
  /** Brings its objects up to date. @returns true while it moves by itself and wants another frame */
  update(frame: Frame): boolean;
  /** The item it shows at a pixel, or -1. */
  pick?(frame: Frame, x: number, y: number): number;
  /** Frees every geometry, material and texture it made. */
  dispose(): void;
}
