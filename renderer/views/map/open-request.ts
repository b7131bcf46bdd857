import type { tables } from '../../state/tables.svelte.ts';
import type { OpenRequest } from './table-session.svelte.ts';

/** What is to be opened for the subject of the map; null for a run, which has a session of its own. */
export function openRequest(subject: (typeof tables)['subject'], current: (typeof tables)['current']): OpenRequest | null {
  if (subject.kind === 'codebook') return { kind: 'codebook', run: subject.run };
  if (subject.kind === 'voices') return { kind: 'voices', model: subject.model };
  if (!current) return null;
  const { path, metadata, vectors, sprite } = current;
  return { kind: 'table', path, ...(metadata ? { metadata } : {}), ...(vectors ? { vectors } : {}), ...(sprite ? { sprite } : {}) };
}
