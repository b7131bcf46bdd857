import { z } from 'zod';
import { call } from './define.ts';

export interface Project {
  /** Absolute folder. */
  path: string;
  name: string;
  /** True for the project that ships with the application. */
  sample: boolean;
  openedAt: string;
}

export const projects = {
  'projects.current': call<Project>()(z.object({})),
  'projects.recent': call<Project[]>()(z.object({})),
  'projects.open': call<Project>()(z.object({ path: z.string().min(1) })),
  'projects.create': call<Project>()(z.object({ path: z.string().min(1), name: z.string().min(1).max(120) })),
  'projects.forget': call<Project[]>()(z.object({ path: z.string().min(1) })),
};
