import { hexToRgb, legibleOn, type Rgb } from '../../scene/color/oklab.ts';
import { extendedPalette } from '../../scene/color/palette.ts';
import type { Theme } from '../../scene/layers/layer.ts';
import { classColour, resolveColour } from '../../services/colours.ts';

/** The scene's colours, from the tokens as they are at an element now. */
export function sceneTheme(element: Element, dark: boolean): Theme {
  const style = getComputedStyle(element);
  const rgb = (token: string): Rgb => {
    const [r, g, b] = resolveColour(style.getPropertyValue(token));
    return [r, g, b];
  };
  return { ground: rgb('--map-ground'), ink: rgb('--ink'), accent: rgb('--accent'), dark };
}

/** The colours that all places use, before they begin to repeat. */
function sharedColours(): Rgb[] {
  const first = classColour(0);
  const colours = [first];
  while (colours.length < 256 && classColour(colours.length) !== first) colours.push(classColour(colours.length));
  return colours.map(hexToRgb);
}

/** A colour for each class, at least 3:1 against the ground. */
export const classColours = (count: number, ground: Rgb): Rgb[] => extendedPalette(sharedColours(), count).map((color) => legibleOn(ground, color));

/** Of items that have no class or no value. */
export const unknownColour = (ground: Rgb): Rgb => legibleOn(ground, hexToRgb(classColour(-1)));
