import type { Scene } from 'three';
import type { Pose } from '../camera/pose.ts';
import type { ViewProjection } from '../camera/view-projection.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { ItemSize } from '../cloud/point-size.ts';
import type { Rgb } from '../color/oklab.ts';

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
}

export interface Theme {
  ground: Rgb;
  ink: Rgb;
  accent: Rgb;
  dark: boolean;
}

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
