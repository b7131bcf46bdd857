/** Colour spaces for palettes. OKLab: B. Ottosson, "A perceptual color space for image processing" (2020). */

/** sRGB with components in [0, 1]. */
export type Rgb = readonly [number, number, number];
/** OKLab: L in [0, 1], a and b about -0.4 to 0.4. */
export type Lab = readonly [number, number, number];

const toLinear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const toGamma = (c: number): number => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

export function rgbToLab([red, green, blue]: Rgb): Lab {
  const r = toLinear(red);
  const g = toLinear(green);
  const b = toLinear(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @returns components that may lie outside [0, 1] when the colour is out of gamut */
export function labToRgb([L, a, b]: Lab): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toGamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toGamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toGamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

export const inGamut = (rgb: Rgb): boolean => rgb.every((c) => c >= -0.0005 && c <= 1.0005);
export const clampRgb = (rgb: Rgb): Rgb => [clamp01(rgb[0]), clamp01(rgb[1]), clamp01(rgb[2])];
const clamp01 = (c: number): number => Math.min(1, Math.max(0, Number.isNaN(c) ? 0 : c));

/** Relative luminance, WCAG 2.2. */
export const luminance = ([r, g, b]: Rgb): number => 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);

/** Contrast ratio, WCAG 2.2; 1 to 21. */
export function contrast(first: Rgb, second: Rgb): number {
  const a = luminance(first);
  const b = luminance(second);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Moves a colour's lightness away from the ground, hue and as much chroma as fits kept, until it stands out by `ratio`. */
export function legibleOn(ground: Rgb, color: Rgb, ratio = 3): Rgb {
  if (contrast(ground, color) >= ratio) return color;
  const [start, a, b] = rgbToLab(color);
  const direction = luminance(ground) < 0.18 ? 1 : -1;
  for (let L = start; L >= 0 && L <= 1; L += direction * 0.01) {
    let chroma = 1;
    while (chroma > 0 && !inGamut(labToRgb([L, a * chroma, b * chroma]))) chroma -= 0.05;
    const candidate = clampRgb(labToRgb([L, a * Math.max(0, chroma), b * Math.max(0, chroma)]));
    if (contrast(ground, candidate) >= ratio) return candidate;
  }
  return direction > 0 ? [1, 1, 1] : [0, 0, 0];
}

export function hexToRgb(hex: string): Rgb {
  const value = Number.parseInt(hex.replace('#', ''), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export const rgbToHex = (rgb: Rgb): string =>
  `#${clampRgb(rgb).map((c) => Math.round(c * 255).toString(16).padStart(2, '0')).join('')}`;
