import type { CameraMode } from '../../scene/camera/rig.ts';

/** How the map is looked at; kept while the window lives. */
export interface ViewSettings {
  camera: CameraMode;
  /** 1 as designed. */
  size: number;
  /** 0 to 1. */
  opacity: number;
  pictures: boolean;
  labels: boolean;
}

export const defaultSettings: ViewSettings = { camera: 'orbit', size: 1, opacity: 0.92, pictures: true, labels: true };
