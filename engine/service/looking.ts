import { resolve } from 'node:path';
import { openRun } from '../store/run-folder.ts';
import type { Core } from './core.ts';
import { inJob } from './in-job.ts';
import type { TaskKind, Tasks } from './worker-messages.ts';

const TITLES = { evaluate: 'Evaluation', anomalies: 'What does not belong', rate: 'Compression', 'transfer-score': 'Scores of the styles' } as const;

/** A job that looks at a run and changes nothing; see `inJob`. */
export async function looking<K extends TaskKind>(core: Core, kind: keyof typeof TITLES, run: string, task: K, input: Tasks[K]['input'], signal?: Parameters<typeof inJob>[4]): Promise<Tasks[K]['output']> {
  const { info, folder } = await openRun(run);
  return inJob(core, { kind, title: `${TITLES[kind]}: ${info.name}`, looksAt: resolve(folder) }, task, input, signal);
}
