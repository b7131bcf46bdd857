import type { JobInfo } from '../../electron/contract/index.ts';
import { paths } from './paths.svelte.ts';
import { place } from './places.svelte.ts';
import { training } from './training.svelte.ts';

/** Opens what a job works on: its run, or its guided path. */
export function showJob(job: JobInfo): void {
  if (job.run === null) return;
  if (job.kind === 'pipeline') paths.show(job.run);
  else training.show(job.run);
  place.go('train');
}
