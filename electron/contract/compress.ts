import { z } from 'zod';
import { call } from './define.ts';

/** A way to write pictures, at one quality: bits per pixel of the whole file, against PSNR over all pictures. */
export interface RatePoint {
  /** Of JPEG and WebP. */
  quality?: number;
  bitsPerPixel: number;
  psnrDb: number;
  /** Of JPEG: without headers and tables, which weigh much in small pictures. */
  bareBitsPerPixel?: number;
}

/** What a model with a prior takes for pictures it was not trained on, beside JPEG and WebP. */
export interface RateDistortion {
  items: number;
  pixels: number;
  split: string;
  /** By bits, ascending. `grids`: which are written; the others are filled in by what is likeliest. */
  ours: (RatePoint & { run: string; name: string; grids: string[]; estimatedBitsPerPixel: number; /** What JPEG and WebP take for the same PSNR; null where they do not go so low or so high. */ jpeg: number | null; bareJpeg: number | null; webp: number | null })[];
  jpeg: RatePoint[];
  webp: RatePoint[];
  /** Plain sentences: what is smaller where, and where that changes. */
  verdict: string[];
}

const run = z.string().min(1);

export const compress = {
  /** Writes pictures as codes in as many bits as the prior of `run` finds them surprising. */
  'runs.compress': call<{ out: string; count: number; bytes: number; /** Of the codes alone, as the prior has it. */ estimatedBytes: number; streamBytes: number; bitsPerPixel: number; psnrDb: number[]; names: string[] }>()(
    z.object({ run, paths: z.array(z.string().min(1)).min(1).max(4096), out: z.string().min(1), /** How many grids of codes are written, the coarsest first; unset: all. The others are filled in by what is likeliest. */ grids: z.number().int().min(1).optional() }),
  ),
  /** Takes such a file apart into PNG files; `run` has to be the one that wrote it. */
  'runs.decompress': call<{ folder: string; files: string[] }>()(z.object({ run, file: z.string().min(1), out: z.string().min(1) })),
  /** Of held-out pictures; `also`: other priors on the same data, for more points. */
  'runs.rateDistortion': call<RateDistortion>()(z.object({ run, also: z.array(z.string().min(1)).max(8).default([]), split: z.enum(['validation', 'test']).default('test'), limit: z.number().int().min(1).max(1000).default(24) })),
};
