import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { VoiceSourceInfo } from '../../../electron/contract/index.ts';
import { listTakes, takesFolder } from './take.ts';

/** Where recordings lie that came as bytes. */
export const sourcesFolder = (project: string): string => join(resolve(project), 'sources');

/** What recordings are called: their files' names without the mark that keeps them apart. */
export const titleOf = (path: string): string => basename(path).replace(/-[0-9a-f]{8}(\.\w+)$/, '$1');

/** The recordings of a project: kept ones and those that takes were made of. Those worked on last come first. */
export async function listSources(project: string): Promise<VoiceSourceInfo[]> {
  const found = new Map<string, VoiceSourceInfo>();
  for (const { source, createdAt } of await listTakes(takesFolder(project))) {
    const known = found.get(source);
    if (known) known.takes++;
    else found.set(source, { source, name: titleOf(source), takes: 1, at: createdAt, found: false });
  }
  const folder = sourcesFolder(project);
  for (const name of await readdir(folder).catch(() => [])) {
    const source = join(folder, name);
    if (!found.has(source)) found.set(source, { source, name: titleOf(source), takes: 0, at: '', found: true });
  }
  await Promise.all(
    [...found.values()].map(async (info) => {
      const about = await stat(info.source).catch(() => null);
      info.found = about?.isFile() ?? false;
      if (info.at === '' && about) info.at = about.mtime.toISOString();
    }),
  );
  return [...found.values()].sort((a, b) => b.at.localeCompare(a.at));
}
