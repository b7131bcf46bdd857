import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { userFolder } from '../../core/user-folder.ts';
import type { Figure, Reference } from './references.ts';

/** What a reference run came to. */
export interface Result {
  id: string;
  /** What was trained; another one is not this reference's result any more. */
  definition: string;
  metrics: Record<string, number>;
  notes: string[];
  device: string;
  seed: number;
  steps: number;
  /** Of training. */
  seconds: number;
  evaluationSeconds: number;
  items: number;
  date: string;
}

/** Where a reference's runs and result lie. */
export const folderOf = (reference: Reference): string => userFolder('scorecard', reference.id);

/** All that decides what comes out. */
export const definitionOf = ({ train, prior, seed, evaluate }: Reference): string => JSON.stringify({ train, prior, seed, evaluate });

/** The result that was kept, or null: there is none, or the reference has changed since. */
export async function loadResult(reference: Reference): Promise<Result | null> {
  try {
    const result = JSON.parse(await readFile(join(folderOf(reference), 'result.json'), 'utf8')) as Result;
    return result.definition === definitionOf(reference) ? result : null;
  } catch {
    return null; // it is made again
  }
}

export const saveResult = (reference: Reference, result: Result): Promise<void> => writeFileAtomic(join(folderOf(reference), 'result.json'), `${JSON.stringify(result, null, 2)}\n`);

/** `null` where there is no goal. */
export function reached(figure: Figure, value: number): boolean | null {
  if (!figure.goal) return null;
  return 'atLeast' in figure.goal ? value >= figure.goal.atLeast : value <= figure.goal.atMost;
}

export function goalText({ goal, unit }: Figure): string {
  if (!goal) return '';
  return `${'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`}${unit ? ` ${unit}` : ''}`;
}
