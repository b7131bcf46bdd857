import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtWorker } from '../service/service.test-support.ts';

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-cli-project-'));
  program = fileURLToPath(new URL('./cli.mjs', await builtWorker()));
  const lines = Array.from({ length: 120 }, (_, i) => [(i % 2) * 9 + Math.sin(i), (i % 3) * 7 + Math.cos(i * 1.7), Math.sin(i * 2.3)].map((v) => v.toFixed(4)).join('\t'));
  await writeFile(join(folder, 'tensors.tsv'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'metadata.tsv'), `name\tkind\n${Array.from({ length: 120 }, (_, i) => `p${i}\t${i % 2}`).join('\n')}\n`);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function atelier(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, ATELIER_HOME: join(folder, 'home') } }, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }));
  });
}

test("project lays the Embedding Projector's files out, in threads, and says how well", async () => {
  const done = await atelier('project', 'tensors.tsv', '--method', 'umap', '--dims', '2', '--epochs', '60', '--supervise', 'kind', '--out', 'out.csv', '--json');
  expect(done.code).toBe(0);
  expect(JSON.parse(done.out)).toMatchObject({ rows: 120, dimensions: 3, columns: ['row', 'x', 'y', 'neighbour_recall', 'trustworthiness', 'continuity', 'name', 'kind'], quality: { k: 10, sampled: 120 } });
  const [header, ...rows] = (await readFile(join(folder, 'out.csv'), 'utf8')).trim().split('\n');
  expect(header).toBe('row,x,y,neighbour_recall,trustworthiness,continuity,name,kind');
  expect(rows).toHaveLength(120);
  expect(rows[7]).toMatch(/^7,.*,p7,1$/);
});

test('neighbours writes a table; bad usage and bad tables are told apart by the exit code', async () => {
  const done = await atelier('neighbours', 'tensors.tsv', '--count', '3', '--out', 'near.jsonl');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('3 neighbours of 120 rows') });
  expect(JSON.parse((await readFile(join(folder, 'near.jsonl'), 'utf8')).split('\n')[0])).toMatchObject({ row: 0, name: 'p0' });
  expect(await atelier('project', 'tensors.tsv', '--method', 'guess', '--out', 'out.csv')).toMatchObject({ code: 2, out: '' });
  expect(await atelier('project', 'tensors.tsv', '--into', 'tensors.tsv', '--out', 'out.csv')).toMatchObject({ code: 2, out: '' });
  expect(await atelier('project', 'absent.csv', '--out', 'out.csv')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('absent.csv') });
  expect(await atelier('project', 'tensors.tsv', '--out', 'out.docx')).toMatchObject({ code: 1, err: expect.stringContaining('.parquet') });
});
