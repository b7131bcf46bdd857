import { mkdtemp, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordText } from '../../core/record-file.ts';
import { listSources, sourcesFolder } from './sources.ts';
import { takesFolder } from './take.ts';

test('recordings are those that are kept and those that takes were made of, with their number of takes', async () => {
  const project = await mkdtemp(join(tmpdir(), 'atelier-sources-'));
  expect(await listSources(project)).toEqual([]);
  const kept = join(sourcesFolder(project), 'Morning-0a1b2c3d.wav');
  await mkdir(sourcesFolder(project), { recursive: true });
  await writeFile(kept, 'x');
  await utimes(kept, new Date('2024-05-01T00:00:00Z'), new Date('2024-05-01T00:00:00Z'));
  const gone = join(project, 'gone.flac');
  for (const [i, createdAt] of ['2024-04-01T00:00:00.000Z', '2024-06-01T00:00:00.000Z'].entries()) {
    const folder = join(takesFolder(project), `take${i}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'take.json'), recordText('latent-atelier-take', { source: gone, createdAt }));
  }
  expect(await listSources(project)).toEqual([
    { source: gone, name: 'gone.flac', takes: 2, at: '2024-06-01T00:00:00.000Z', found: false },
    { source: kept, name: 'Morning.wav', takes: 0, at: '2024-05-01T00:00:00.000Z', found: true },
  ]);
  await rm(project, { recursive: true });
});
