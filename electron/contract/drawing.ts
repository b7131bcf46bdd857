import { z } from 'zod';

/** How a prior draws. */
export const drawing = {
  seed: z.number().int().default(0),
  temperature: z.number().min(0).max(4).default(1),
  label: z.string().optional(),
  /** Only the so many likeliest codes. */
  topK: z.number().int().optional(),
  /** Only the likeliest codes that together have this probability. */
  topP: z.number().optional(),
  /** How much the class counts; 1 is as learned. */
  guidance: z.number().min(0).max(20).optional(),
};
