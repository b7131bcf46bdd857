import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BATCH_FILE, batchState } from './batch-state.ts';

test('a batch that has not begun is empty; its list is read; anything else is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atelier-batch-'));
  expect(await batchState(folder)).toEqual({ items: [], waiting: [] });
  const item = { source: 'a.wav', out: 'b.wav', durationSec: 1, timesRealtime: 9, scores: null, error: null };
  await writeFile(join(folder, BATCH_FILE), JSON.stringify({ model: 'm', settings: {}, items: [item], waiting: ['c.wav'] }));
  expect(await batchState(folder)).toEqual({ items: [item], waiting: ['c.wav'] });
  await writeFile(join(folder, BATCH_FILE), JSON.stringify({ items: [item] }));
  expect((await batchState(folder)).waiting).toEqual([]);
  for (const text of ['{', '[]', '{"items": 3}']) {
    await writeFile(join(folder, BATCH_FILE), text);
    await expect(batchState(folder)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining(BATCH_FILE) });
  }
  await rm(folder, { recursive: true });
});
