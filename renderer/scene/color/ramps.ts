/**
 * Colour ramps for metrics, even in lightness and safe for colour-blind eyes. Every eighth entry of the published 256-entry
 * tables (viridis and magma: S. van der Walt and N. Smith 2015; cividis: J. Nunez et al. 2018; all CC0), linear between.
 */
import { hexToRgb, type Rgb } from './oklab.ts';

const stops = {
  viridis:
    '440154 470d60 48186a 482374 472d7b 453781 424086 3e4989 3b528b 375b8d 33638d 2f6b8e 2c728e 297a8e 26828e 23898e 21918c 1f978b 1f9f88 21a685 27ad81 31b57b 3dbc74 4cc26c 5cc863 6ece58 81d34d 95d840 aadc32 c0df25 d5e21a eae51a fde725',
  magma:
    '000004 030312 0a0822 130d34 1d1147 29115a 36106b 440f76 51127c 5d177f 6a1c81 762181 832681 902a81 9c2e7f aa337d b73779 c23b75 cf4070 db476a e55064 ee5b5e f4695c f9785d fb8761 fd9668 fea571 feb47b fec287 fed194 fde0a1 fceeb0 fcfdbf',
  cividis:
    '00224e 00285b 002e6a 053371 1a386f 273e6e 32436d 3b496c 434e6c 4b546c 535a6d 5a5f6e 61656f 686a71 6f7073 767676 7d7c78 838179 8b8778 928d78 9a9376 a29975 aaa073 b3a670 bbad6d c3b369 ccba64 d4c15f ddc858 e6d051 efd748 f8df3c fee838',
} as const;

export type RampName = keyof typeof stops;
export const rampNames = Object.keys(stops) as RampName[];

const parsed = Object.fromEntries(rampNames.map((name) => [name, stops[name].split(' ').map(hexToRgb)])) as Record<RampName, Rgb[]>;

/** @param t in [0, 1]; values outside are clamped */
export function ramp(name: RampName, t: number): Rgb {
  const table = parsed[name];
  const x = Math.min(1, Math.max(0, t)) * (table.length - 1);
  const i = Math.min(table.length - 2, Math.floor(x));
  const f = x - i;
  const a = table[i];
  const b = table[i + 1];
  return [a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f, a[2] + (b[2] - a[2]) * f];
}

/** A CSS gradient of the ramp, left to right. */
export const rampGradient = (name: RampName): string =>
  `linear-gradient(to right, ${stops[name].split(' ').map((hex) => `#${hex}`).join(', ')})`;
