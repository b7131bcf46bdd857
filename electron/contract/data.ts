import { z } from 'zod';
import { call, type Sheet } from './define.ts';

export interface ClassCount {
  name: string;
  count: number;
}

export interface DatasetInfo {
  /** `builtin:emoji`, or the absolute path of the dataset folder in the project; what calls take as `data`. */
  ref: string;
  name: string;
  /** Where the items come from, for people. */
  source: string;
  format: 'image-folder' | 'idx' | 'cifar' | 'npz' | 'clips' | 'builtin';
  count: number;
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  /** For a set of clips: an item is a strip of `frames` frames, one below another, `height` / `frames` high. */
  clip?: { frames: number; framesPerSecond: number };
  classes: ClassCount[];
  split: { train: number; validation: number; test: number };
  /** Files that could not be read: the first hundred by name, and how many in all. */
  skipped: { total: number; files: { path: string; reason: string }[] };
  /** Plain sentences: class imbalance, one class only, very few items, upscaled pictures... */
  warnings: string[];
  fingerprint: string;
  builtin: boolean;
}

export interface DataItem {
  index: number;
  name: string;
  label: string | null;
  split: 'train' | 'validation' | 'test';
}

export interface DataPage {
  total: number;
  items: DataItem[];
  thumbnails: Sheet | null;
}

export const importOptions = z.object({
  /** A folder of pictures (subfolder = class), an .idx/.gz file, a CIFAR binary, an .npz. */
  path: z.string().min(1),
  name: z.string().min(1).max(120).optional(),
  /** Side length in pixels after the square crop; unset: as in the source when all are equal, else 64. */
  size: z.number().int().min(8).max(1024).optional(),
  fit: z.enum(['cover', 'contain']).default('cover'),
  channels: z.union([z.literal(1), z.literal(3), z.literal(4)]).optional(),
  seed: z.number().int().default(0),
  /** The path holds clips (animations, or folders of frames), each to be brought to so many frames. */
  frames: z.number().int().min(2).max(256).optional(),
});

const ref = z.string().min(1);

export const data = {
  'data.list': call<DatasetInfo[]>()(z.object({})),
  'data.info': call<DatasetInfo>()(z.object({ ref })),
  /** A job; its result is the dataset's ref. */
  'data.import': call<{ job: string }>()(importOptions),
  'data.page': call<DataPage>()(
    z.object({
      ref,
      split: z.enum(['train', 'validation', 'test']).optional(),
      label: z.string().optional(),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
      thumbnailSize: z.number().int().min(8).max(128).default(64),
    }),
  ),
  /** Forgets the dataset; the pictures themselves are never touched. Undo with data.restore. */
  'data.remove': call<null>()(z.object({ ref })),
  'data.restore': call<DatasetInfo>()(z.object({ ref })),
};
