/** Pictures of the map: as on the screen, for print, as drawn shapes, as a turning film. */
import type { MapScene } from '../../scene/map-scene.ts';
import type { SvgScene } from '../../scene/svg.ts';
import { attempt } from '../../state/notify.svelte.ts';
import { download } from './export.ts';
import { exportFilm } from './film.ts';

/** @param factor 1: as large as on the screen */
export const savePng = (scene: MapScene, canvas: HTMLCanvasElement, name: string, factor: number): Promise<unknown> =>
  attempt(async () => download(await scene.screenshot(canvas, factor), `${name}.png`));

export const saveSvg = (scene: MapScene, name: string, labels: SvgScene['labels']): void => download(new Blob([scene.svg(labels)], { type: 'image/svg+xml' }), `${name}.svg`);

const turnFrames = 72;
const filmWidth = 720;

/** Once round the map; the camera ends where it was. */
export async function saveTurn(scene: MapScene, canvas: HTMLCanvasElement, name: string): Promise<void> {
  const { rig } = scene.stage;
  const before = rig.pose;
  const width = Math.min(filmWidth, canvas.width) & ~1;
  const height = Math.round((width * canvas.height) / canvas.width) & ~1;
  const small = new OffscreenCanvas(width, height);
  const context = small.getContext('2d')!;
  try {
    await exportFilm({ title: `${name}-turn`, width, height, count: turnFrames, framesPerSecond: 20 }, async (i) => {
      rig.set({ ...before, yaw: before.yaw + (i / turnFrames) * 2 * Math.PI });
      scene.stage.drawNow();
      context.drawImage(canvas, 0, 0, width, height);
      return small.convertToBlob({ type: 'image/png' });
    });
  } finally {
    rig.set(before);
    scene.stage.invalidate();
  }
}
