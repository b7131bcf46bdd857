/**
 * dSprites (Matthey et al. 2017), generated: every combination of 3 shapes, 6 scales, 40 orientations and 32 x 32 positions as a black and
 * white picture, with the factors of each known. The drawings are this project's own; pictures are drawn when they are read.
 */
import { createHash } from 'node:crypto';
import type { DatasetInfo } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Factors } from '../../core/image-set.ts';
import { rng } from '../../core/rng.ts';
import { countClasses, warningsFor } from '../report.ts';
import type { Dataset } from '../dataset.ts';
import type { SplitName } from '../source.ts';

export const DSPRITES = 'builtin:dsprites';

const SHAPES = ['square', 'ellipse', 'heart'] as const;
const NAMES = ['shape', 'scale', 'orientation', 'x', 'y'] as const;
const SIZES = [3, 6, 40, 32, 32] as const;
/** 737,280 */
export const DSPRITES_COUNT = SIZES.reduce((a, b) => a * b, 1);
const SIDE = 64;
/** Raised when pictures come out otherwise. */
const DRAWING = 1;

/** How many a reference asks for: `builtin:dsprites` all, `builtin:dsprites-20000` a seeded choice; null for another reference. @throws AtelierError 'not-found' */
export function dspritesCount(ref: string): number | null {
  if (ref === DSPRITES) return DSPRITES_COUNT;
  if (!ref.startsWith(`${DSPRITES}-`)) return null;
  const count = Number(ref.slice(DSPRITES.length + 1));
  if (!Number.isInteger(count) || count < 10 || count > DSPRITES_COUNT) {
    throw new AtelierError('not-found', `There is no built-in set "${ref}".`, `${DSPRITES} is all of it, ${DSPRITES}-20000 a choice of so many pictures, from 10 to ${DSPRITES_COUNT}.`);
  }
  return count;
}

/** Values of the factors of a combination, the last changing fastest: shape, scale, orientation, x, y. */
export function factorsOf(combination: number): [number, number, number, number, number] {
  const out = [0, 0, 0, 0, 0] as [number, number, number, number, number];
  for (let f = SIZES.length - 1; f >= 0; f--) {
    out[f] = combination % SIZES[f];
    combination = Math.floor(combination / SIZES[f]);
  }
  return out;
}

/** Half the side of the square, half axes of the ellipse, radius of the heart, at full scale, of 64 pixels: none reaches beyond the picture. */
const SQUARE = 11;
const ELLIPSE = [15, 7.5] as const;
const HEART = 11.5;
const REACH = 15.7;

/** Whether a point in the sprite's own axes, y upwards, lies in it. */
const inside: readonly ((u: number, v: number) => boolean)[] = [
  (u, v) => Math.abs(u) <= SQUARE && Math.abs(v) <= SQUARE,
  (u, v) => (u / ELLIPSE[0]) ** 2 + (v / ELLIPSE[1]) ** 2 <= 1,
  (u, v) => {
    const x = u / HEART;
    const y = v / HEART + 0.1;
    const r = x * x + y * y - 1;
    return r * r * r - x * x * y * y * y <= 0;
  },
];

/** Draws a combination: 255 in the sprite, 0 outside. @param out `[side, side, channels]`, overwritten; the fourth channel is opaque */
export function drawSprite(combination: number, side: number, channels: 1 | 3 | 4, out: Uint8Array): void {
  const [shape, scale, orientation, x, y] = factorsOf(combination);
  const unit = side / SIDE;
  const factor = (0.5 + scale / 10) * unit;
  const angle = (orientation / SIZES[2]) * 2 * Math.PI;
  const [cos, sin] = [Math.cos(angle) / factor, Math.sin(angle) / factor];
  const [cx, cy] = [(16.5 + x) * unit, (16.5 + y) * unit];
  const reach = REACH * factor;
  const holds = inside[shape];
  out.fill(0);
  if (channels === 4) for (let i = 3; i < out.length; i += 4) out[i] = 255;
  const [top, bottom] = [Math.max(0, Math.floor(cy - reach)), Math.min(side - 1, Math.ceil(cy + reach))];
  const [left, right] = [Math.max(0, Math.floor(cx - reach)), Math.min(side - 1, Math.ceil(cx + reach))];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const dx = column + 0.5 - cx;
      const dy = cy - row - 0.5;
      if (!holds(dx * cos + dy * sin, dy * cos - dx * sin)) continue;
      const at = (row * side + column) * channels;
      for (let c = 0; c < Math.min(3, channels); c++) out[at + c] = 255;
    }
  }
}

/**
 * Opens all of it, or a seeded choice; split 80/10/10 by the seed.
 * @param ref as of `dspritesCount`
 */
export function openDsprites(ref: string, options: { size?: number; channels?: 1 | 3 | 4; seed?: number } = {}): Dataset {
  const { size = SIDE, channels = 1, seed = 0 } = options;
  const count = dspritesCount(ref)!;
  if (!Number.isInteger(size) || size < 8 || size > 1024) throw new AtelierError('bad-input', `A size of ${size} pixels.`, 'Choose a whole number from 8 to 1024.');
  const order = rng(seed, 'dsprites').shuffle(Int32Array.from({ length: DSPRITES_COUNT }, (_, i) => i));
  const chosen = order.slice(0, count);
  // The order is random already, so the parts of the split are stretches of it.
  const held = Math.max(1, Math.floor(count / 10));
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const split = { train: range(2 * held, count), validation: range(0, held), test: range(held, 2 * held) };
  const labels = Int32Array.from(chosen, (combination) => factorsOf(combination)[0]);
  const check = (index: number): number => {
    if (!Number.isInteger(index) || index < 0 || index >= count) throw new AtelierError('bad-input', `dSprites has ${count} items here; there is no item ${index}.`, 'Items count from 0.');
    return chosen[index];
  };
  const cell = size * size * channels;
  const splitOf = (index: number): SplitName => (check(index) >= 0 && index < held ? 'validation' : index < 2 * held ? 'test' : 'train');
  const factors: Factors = { names: NAMES, sizes: SIZES, of: (index) => factorsOf(check(index)) };
  const classes = countClasses(SHAPES, labels);
  const fingerprint = createHash('sha256').update(`dsprites ${DRAWING} ${size} ${channels} ${count} ${seed}`).digest('hex').slice(0, 32);
  const info: DatasetInfo = {
    ref,
    name: count === DSPRITES_COUNT ? 'dSprites' : `dSprites, ${count} of them`,
    source: 'Generated by Latent Atelier: 3 shapes, 6 scales, 40 orientations, 32 x 32 positions',
    format: 'builtin',
    count,
    width: size,
    height: size,
    channels,
    classes,
    split: { train: split.train.length, validation: split.validation.length, test: split.test.length },
    skipped: { total: 0, files: [] },
    warnings: warningsFor({ count, classes, enlarged: 0, skipped: 0, size }),
    fingerprint,
    builtin: true,
  };
  const scratch = new Uint8Array(cell);
  return {
    info, ref, fingerprint, count, labels, split, factors, splitOf, channels,
    name: info.name,
    height: size,
    width: size,
    classes: SHAPES,
    itemName(index) {
      const [shape, ...others] = factorsOf(check(index));
      return [SHAPES[shape], ...others.map((value, f) => `${NAMES[f + 1]} ${value}`)].join(', ');
    },
    async read(indices, out = new Float32Array(indices.length * cell)) {
      if (out.length < indices.length * cell) throw new AtelierError('bad-input', `read: room for ${out.length} values where ${indices.length} items need ${indices.length * cell}.`, 'Pass an array of B*H*W*C floats.');
      for (let i = 0; i < indices.length; i++) {
        drawSprite(check(indices[i]), size, channels, scratch);
        for (let j = 0; j < cell; j++) out[i * cell + j] = scratch[j] === 255 ? 1 : 0;
      }
      return out;
    },
    async readBytes(indices) {
      const out = new Uint8Array(indices.length * cell);
      for (let i = 0; i < indices.length; i++) drawSprite(check(indices[i]), size, channels, out.subarray(i * cell, (i + 1) * cell));
      return out;
    },
    async close() {},
  };
}
