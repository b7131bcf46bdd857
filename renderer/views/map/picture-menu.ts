import { filmFormats } from '../../state/film-export.ts';
import type { MapScene } from '../../scene/map-scene.ts';
import { savePng, saveSvg, saveTurn } from './pictures-out.ts';

interface Entry {
  label: string;
  testid: string;
  separated?: boolean;
  run: () => void;
}

interface Drawn {
  /** Calls with the scene and its canvas, where there is one. */
  drawn(act: (scene: MapScene, canvas: HTMLCanvasElement) => unknown): void;
  /** Of the file, without ending. */
  name(): string;
  labels(): Parameters<typeof saveSvg>[2];
  /** Writes the page that opens in any browser; null where that cannot be. */
  page: (() => void) | null;
}

/** The map as a picture, a drawing, a film or a page. */
export function pictureMenu({ drawn, name, labels, page }: Drawn): Entry[] {
  return [
    { label: 'Picture (PNG)', testid: 'picture-png', run: () => drawn((scene, canvas) => savePng(scene, canvas, name(), 1)) },
    { label: 'For print (PNG, 4 times as large)', testid: 'picture-print', run: () => drawn((scene, canvas) => savePng(scene, canvas, `${name()}-print`, 4)) },
    { label: 'Drawing (SVG)', testid: 'picture-svg', run: () => drawn((scene) => saveSvg(scene, name(), labels())) },
    ...filmFormats.map(({ value, label }, i) => ({ label: `Turning film (${label})`, testid: `picture-film-${value}`, separated: i === 0, run: () => drawn((scene, canvas) => saveTurn(scene, canvas, name(), value)) })),
    ...(page ? [{ label: 'Page that opens in any browser (HTML)', testid: 'picture-page', separated: true, run: page }] : []),
  ];
}
