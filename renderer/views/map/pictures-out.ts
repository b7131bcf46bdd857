/** Pictures of the map: as on the screen, for print, as drawn shapes, as a turning film. */
import type { MapScene } from '../../scene/map-scene.ts';
import type { SvgScene } from '../../scene/svg.ts';
import { download } from '../../state/export-file.ts';
import { exportFilm, type FilmFormat } from '../../state/film-export.ts';
import { attempt } from '../../state/notify.svelte.ts';

/** @param factor 1: as large as on the screen */
export const savePng = (scene: MapScene, canvas: HTMLCanvasElement, name: string, factor: number): Promise<unknown> =>
  attempt(async () => download(await scene.screenshot(canvas, factor), `${name}.png`));

export const saveSvg = (scene: MapScene, name: string, labels: SvgScene['labels']): void => download(new Blob([scene.svg(labels)], { type: 'image/svg+xml' }), `${name}.svg`);

const turnFrames = 72;
const filmWidth = 720;

/** Once round the map; the camera ends where it was. */
export async function saveTurn(scene: MapScene, canvas: HTMLCanvasElement, name: string, format: FilmFormat): Promise<void> {
  const { rig } = scene.stage;
  const before = rig.pose;
  const width = Math.min(filmWidth, canvas.width) & ~1;
  const height = Math.round((width * canvas.height) / canvas.width) & ~1;
  try {
    await exportFilm({ title: `${name}-turn`, format, width, height, count: turnFrames, framesPerSecond: 20 }, async (context, i) => {
      rig.set({ ...before, yaw: before.yaw + (i / turnFrames) * 2 * Math.PI });
      scene.stage.drawNow();
      context.drawImage(canvas, 0, 0, width, height);
      await new Promise((resolve) => setTimeout(resolve));
    });
  } finally {
    rig.set(before);
    scene.stage.invalidate();
  }
}
