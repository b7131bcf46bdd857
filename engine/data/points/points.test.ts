import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bitsOf, countBits, openPointTable, pointsOf, type PointTable } from './index.ts';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'atelier-points-'))));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
async function open<T>(path: string, look: (t: PointTable) => T | Promise<T>, options: Parameters<typeof openPointTable>[1] = {}): Promise<T> {
  const table = await openPointTable(path, options);
  try {
    return await look(table);
  } finally {
    table.close();
  }
}
const chosen = async (t: PointTable, expression: string): Promise<number[]> => {
  const { bits, count } = await t.filter(expression);
  const points = [...pointsOf(bits, t.n)];
  expect(points).toHaveLength(count);
  return points;
};

const FACES = `name,label,kl,count,seen,ok,z0,z1,z2
Anna,face,1.5,1,2024-01-05,true,0,0,0
bird one,bird,4,2,2024-02-05,false,1,0,0
Cat's eye,face,3.5,3,2024-03-05,true,0,1,0
dog,dog,,4,,,0,0,1
100%,face,9,5,2025-01-01,true,1,1,1
`;

test('columns are told with types, ranges, categories and what they are for; vectors are the series of numbered columns', async () => {
  await open(await file('faces.csv', FACES), async (t) => {
    expect(t.n).toBe(5);
    expect(t.vectors).toMatchObject({ names: ['z0', 'z1', 'z2'], d: 3, n: 5 });
    expect([...t.vectors!.values.subarray(6, 9)]).toEqual([0, 1, 0]);
    const of = (name: string) => t.columns.find((c) => c.name === name)!;
    expect(of('label')).toMatchObject({ type: 'category', role: 'label', distinct: 3, missing: 0, categories: [{ value: 'face', count: 3 }, { value: 'bird', count: 1 }, { value: 'dog', count: 1 }] });
    expect(of('kl')).toMatchObject({ type: 'number', range: [1.5, 9], missing: 1 });
    expect(of('count')).toMatchObject({ type: 'integer', range: [1, 5] });
    expect(of('seen')).toMatchObject({ type: 'time', range: [Date.UTC(2024, 0, 5), Date.UTC(2025, 0, 1)] });
    expect(of('ok').type).toBe('boolean');
    expect(of('name').role).toBe('name');
    const label = await t.column('label');
    expect(label).toMatchObject({ type: 'category', beyond: 0 });
    expect([...(label as { codes: Int32Array }).codes]).toEqual([0, 1, 0, 2, 0]);
    const kl = (await t.column('kl')) as { values: Float32Array };
    expect([...kl.values]).toEqual([1.5, 4, 3.5, NaN, 9]);
    const few = await t.classes('label', 1);
    expect([[...few.codes], few.beyond]).toEqual([[0, -2, 0, -2, 0], 2]);
    await expect(Promise.resolve().then(() => t.column('nope'))).rejects.toMatchObject({ code: 'bad-input' });
  });
});

test.each<[string, number[]]>([
  ["label = 'face' and kl > 3", [2, 4]],
  ["LABEL = 'face' AND NOT kl > 3", [0]],
  ["label in ('bird', 'dog')", [1, 3]],
  ["label not in ('bird', 'dog')", [0, 2, 4]],
  ['kl is null', [3]],
  ['kl is not null and kl < 4', [0, 2]],
  ['not kl > 3', [0, 3]],
  ['kl between 1.5 and 4', [0, 1, 2]],
  ['kl not between 1.5 and 4', [3, 4]],
  ["name contains 'CAT'", [2]],
  ["name = 'Cat''s eye'", [2]],
  ["name like '%one'", [1]],
  ["name starts with 'a'", [0]],
  ["name ends with '%'", [4]],
  ["name matches '^[a-z]+$'", [3]],
  ['ok', [0, 2, 4]],
  ['ok = false or "count" = 4', [1, 3]],
  ['!ok', [1, 3]],
  ['abs(z0 - z1) < 0.5 and -count <= -3', [3, 4]],
  ['count % 2 == 0', [1, 3]],
  ['1 / z0 > 0', [1, 4]],
  ['ln(z0) = 0', [1, 4]],
  ["count = '3'", [2]],
  ["seen >= '2024-03-01' && seen < '2025-01-01'", [2]],
  ["length(label) = 4 and upper(label) = 'FACE'", [0, 2, 4]],
  ['z0 + z1 * 2 = 3 || (z2 > 0 and count != 5)', [3, 4]],
])('%s', async (expression, points) => {
  await open(await file('faces.csv', FACES), async (t) => expect(await chosen(t, expression)).toEqual(points));
});

test.each<[string, number, number, string]>([
  ['', 0, 0, 'empty'],
  ['lable = 3', 0, 5, 'no column "lable"'],
  ["label = 'face' and", 18, 0, 'not the end'],
  ["label = 'face", 8, 5, 'no end'],
  ['kl > 3 kl', 7, 2, '"and", "or" or the end'],
  ['kl', 0, 2, 'a value, not a condition'],
  ["kl > 'much'", 5, 6, 'compared with numbers'],
  ['abs(label) > 1', 4, 5, 'takes numbers'],
  ['drop(kl) = 1', 0, 8, 'no function "drop"'],
  ['kl = 3; select', 6, 1, 'no meaning'],
  ['kl in ()', 7, 1, 'was expected'],
  ['(kl > 3', 7, 0, '")" was expected'],
  ["name matches '['", 13, 3, 'pattern'],
  ['ok = 1', 5, 1, 'cannot be compared'],
])('%s is refused at %i', async (expression, at, length, said) => {
  await open(await file('faces.csv', FACES), async (t) => {
    await expect(t.filter(expression)).rejects.toMatchObject({ code: 'bad-input', span: { at, length }, message: expect.stringContaining(said) });
  });
});

test('brackets without end are refused, not followed', async () => {
  await open(await file('faces.csv', FACES), async (t) => {
    for (const text of ['('.repeat(9000), 'not '.repeat(2000), `kl > ${'-'.repeat(5000)}1`]) await expect(t.filter(text)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('nested too deep') });
  });
});

test('values never become part of the statement', async () => {
  await open(await file('faces.csv', FACES), async (t) => {
    expect(await chosen(t, "name = '''; DROP TABLE points; --'")).toEqual([]);
    expect(await chosen(t, "name = 'dog' or 1 = 0")).toEqual([3]);
    await expect(t.filter('lable = 1')).rejects.toMatchObject({ suggestions: ['label'] });
  });
});

test('pages, orders, selections and search', async () => {
  await open(await file('faces.csv', FACES), async (t) => {
    const page = await t.page({ from: 1, count: 2, columns: ['name', 'kl', 'ok'] });
    expect(page).toEqual({ total: 5, indices: Int32Array.of(1, 2), columns: [{ name: 'name', values: ['bird one', "Cat's eye"] }, { name: 'kl', values: [4, 3.5] }, { name: 'ok', values: [false, true] }] });
    const ordered = await t.page({ from: 0, count: 10, columns: ['name'], order: { column: 'kl', descending: true } });
    expect([...ordered.indices]).toEqual([4, 1, 2, 0, 3]);
    const within = await t.page({ from: 1, count: 5, columns: ['name'], order: { column: 'kl', descending: false }, within: bitsOf([0, 3, 4], 5) });
    expect([within.total, ...within.indices]).toEqual([3, 4, 3]);
    expect(within.columns[0].values).toEqual(['100%', 'dog']);
    const found = await t.search('E');
    expect([...pointsOf(found.bits, 5)]).toEqual([0, 1, 2, 4]);
    expect(countBits((await t.search('%')).bits, 5)).toBe(1);
    expect((await t.cells([4, 4, 0], ['label']))[0].values).toEqual(['face', 'face', 'face']);
  });
});

test('rows with NaN or infinite values are left out everywhere, and the others keep their row', async () => {
  await open(await file('nan.csv', 'z0,z1,z2,label\n0,0,0,a\nnan,0,0,b\n1,1,1,c\ninf,2,2,d\n3,3,3,c\n'), async (t) => {
    expect([t.n, ...t.rows]).toEqual([3, 0, 2, 4]);
    expect(t.leftOut).toEqual([{ count: 2, rows: [1, 3], reason: expect.stringContaining('NaN or infinite') }]);
    expect(t.columns.find((c) => c.name === 'label')!.categories).toEqual([{ value: 'c', count: 2 }, { value: 'a', count: 1 }]);
    expect(await chosen(t, "label = 'c'")).toEqual([1, 2]);
    expect((await t.cells([1, 2], ['label', 'z0']))).toEqual([{ name: 'label', values: ['c', 'c'] }, { name: 'z0', values: [1, 3] }]);
    await t.addNumbers([{ name: 'quality', values: Float32Array.of(0.25, 0.5, 0.75) }]);
    expect(await chosen(t, 'quality > 0.3')).toEqual([1, 2]);
    expect([...((await t.column('quality')) as { values: Float32Array }).values]).toEqual([0.25, 0.5, 0.75]);
    await t.addNumbers([{ name: 'quality', values: Float32Array.of(1, 0, 0) }]);
    expect(await chosen(t, 'quality = 1')).toEqual([0]);
  });
});

test('coordinates that a table brings are found, and are the vectors where there are no others', async () => {
  await open(await file('xyz.csv', 'x,y,z,umap_1,umap_2,kl,loss,index\n0,1,2,3,4,5,6,7\n1,1,2,3,4,5,6,7\n'), (t) => {
    expect(t.coordinates).toEqual([{ name: '', columns: ['x', 'y', 'z'] }, { name: 'umap', columns: ['umap_1', 'umap_2'] }]);
    expect(t.vectors!.names).toEqual(['x', 'y', 'z']);
    expect(t.columns.map((c) => [c.name, c.role])).toEqual([['x', 'coordinate'], ['y', 'coordinate'], ['z', 'coordinate'], ['umap_1', 'coordinate'], ['umap_2', 'coordinate'], ['kl', null], ['loss', null], ['index', null]]);
  });
  await open(await file('flat.csv', 'projection_x,projection_y,a,b\n0,1,2,3\n1,2,3,4\n'), (t) => expect(t.vectors!.names).toEqual(['a', 'b']), { vectors: ['a', 'b'] });
});

test('a column of different strings has codes for some and says how many it leaves', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i % 7},${i},word ${i}`);
  await open(await file('words.csv', `a,b,word\n${lines.join('\n')}\n`), async (t) => {
    expect(t.columns.find((c) => c.name === 'word')).toMatchObject({ type: 'text', categories: [] });
    const column = await t.column('word', 4096);
    expect(column).toMatchObject({ type: 'category', beyond: 20_000 - 4096 });
    expect((column as { codes: Int32Array }).codes.filter((c) => c === -2)).toHaveLength(20_000 - 4096);
  });
});

/** A parquet file of a query's rows. */
async function parquet(name: string, query: string): Promise<string> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

test('a column of a million different strings is text, is searched and filtered, and lends its colours to the first of them', { timeout: 60_000 }, async () => {
  await open(await parquet('strings.parquet', "SELECT i % 101 AS a, i % 7 AS b, 'word ' || i AS word FROM range(1000000) t(i)"), async (t) => {
    expect(t.n).toBe(1_000_000);
    expect(t.columns.find((c) => c.name === 'word')).toMatchObject({ type: 'text', categories: [] });
    expect((await t.column('word', 512)) as { beyond: number }).toMatchObject({ type: 'category', beyond: 1_000_000 - 512 });
    expect(await chosen(t, "word = 'word 987654'")).toEqual([987_654]);
    expect((await t.search('WORD 98765')).count).toBe(11);
  });
});

test('questions that are asked at once are each answered in full', async () => {
  const n = 50_000; // many times what the database hands over at once
  await open(await parquet('many.parquet', `SELECT i % 97 AS a, i % 89 AS b, i::DOUBLE AS measure, 'class ' || i % 5 AS label FROM range(${n}) t(i)`), async (t) => {
    const [numbers, classes, filtered, page, found, ordered] = await Promise.all([
      t.column('measure'), t.column('label'), t.filter('measure >= 25000'), t.page({ from: n - 3, count: 9 }), t.search('class 3'), t.page({ from: 0, count: 2, order: { column: 'measure', descending: true } }),
    ]);
    expect((numbers as { values: Float32Array }).values.every((value, i) => value === i)).toBe(true);
    expect((classes as { codes: Int32Array; categories: { value: string }[] }).codes.every((code, i) => code === i % 5)).toBe(true);
    expect(filtered.count).toBe(n / 2);
    expect(page.columns.find(({ name }) => name === 'measure')!.values).toEqual([n - 3, n - 2, n - 1]);
    expect(found.count).toBe(n / 5);
    expect([...ordered.indices]).toEqual([n - 1, n - 2]);
  });
});
