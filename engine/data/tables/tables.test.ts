import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSafetensors } from '../../core/safetensors.ts';
import { openDuck } from './duck.ts';
import { openVectors } from './index.ts';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'atelier-tables-'))));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
function npy(descr: string, shape: number[], data: ArrayBufferView): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117) + '\n';
  return Buffer.concat([Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0), Buffer.from(header), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
/** Opens, looks, closes. */
async function open<T>(path: string, options: Parameters<typeof openVectors>[1], look: (t: Awaited<ReturnType<typeof openVectors>>) => T | Promise<T>): Promise<T> {
  const table = await openVectors(path, options);
  try {
    return await look(table);
  } finally {
    table.close();
  }
}
const reading = async (path: string): Promise<Record<string, unknown>[]> => {
  const duck = await openDuck();
  try {
    return await duck.all(`SELECT * FROM '${path}'`);
  } finally {
    duck.close();
  }
};

test('csv: columns of numbers are the vector, the others are about the row', async () => {
  const path = await file('a.csv', 'id,a,b,label\n7,0.5,1,cat\n8,1.5,-2,dog\n9,2,3.25,cat\n');
  await open(path, {}, async (t) => {
    expect([t.n, t.d, [...t.values]]).toEqual([3, 2, [0.5, 1, 1.5, -2, 2, 3.25]]);
    expect(t.vectorColumns).toEqual(['a', 'b']);
    expect(t.metadataColumns).toEqual(['id', 'label']);
    expect([...(await t.classesOf('label'))]).toEqual([0, 1, 0]);
    await expect(t.classesOf('nothing')).rejects.toMatchObject({ code: 'bad-input' });
    const out = join(folder, 'a.parquet');
    expect(await t.save([{ name: 'x', values: Float32Array.of(1, 2, 3) }], out)).toEqual(['row', 'x', 'id', 'label']);
    expect(await reading(out)).toEqual([{ row: 0, x: 1, id: 7n, label: 'cat' }, { row: 1, x: 2, id: 8n, label: 'dog' }, { row: 2, x: 3, id: 9n, label: 'cat' }]);
  });
  await open(path, { columns: ['b'] }, (t) => expect([t.d, ...t.values]).toEqual([1, 1, -2, 3.25]));
  await expect(openVectors(path, { columns: ['c'] })).rejects.toMatchObject({ code: 'bad-input', remedy: expect.stringContaining('label') });
  await expect(openVectors(path, { columns: ['label'] })).rejects.toMatchObject({ code: 'bad-input' });
});

test('rows with NaN, infinite and missing values are named and left out; what is written stays with its row', async () => {
  const path = await file('nan.csv', 'a,b,name\n1,2,p\nnan,2,q\n3,4,r\n5,inf,s\n6,,t\n7,8,u\n');
  await open(path, {}, async (t) => {
    expect([...t.rows]).toEqual([0, 2, 5]);
    expect([...t.values]).toEqual([1, 2, 3, 4, 7, 8]);
    expect(t.excluded).toMatchObject([{ count: 3, rows: [1, 3, 4] }]);
    expect(t.warnings.join()).toContain('3 rows left out');
    expect(t.warnings.join()).toContain('1, 3, 4');
    const out = join(folder, 'nan.csv.parquet');
    await t.save([{ name: 'k', values: Int32Array.of(10, 20, 30) }], out);
    expect(await reading(out)).toEqual([{ row: 0, k: 10, name: 'p' }, { row: 2, k: 20, name: 'r' }, { row: 5, k: 30, name: 'u' }]);
  });
  const none = await file('none.csv', 'a,b\nnan,1\n2,nan\n');
  await expect(openVectors(none)).rejects.toMatchObject({ code: 'bad-data' });
});

test('constant columns are remarked on', async () => {
  const path = await file('constant.csv', 'a,b,c\n1,5,0.5\n2,5,0.25\n');
  await open(path, {}, (t) => expect(t.warnings).toEqual([expect.stringContaining('1 column with the same value in every row (b)')]));
  const all = await file('equal.csv', 'a,b\n1,5\n1,5\n');
  await open(all, {}, (t) => expect(t.warnings.join()).toContain('all rows are equal'));
});

test('jsonl and parquet with a list column; lists of another length are left out', async () => {
  const path = await file('list.jsonl', '{"name":"p","embedding":[1,2,3]}\n{"name":"q","embedding":[4,5]}\n{"name":"r","embedding":[7,8,9.5]}\n{"name":"s","embedding":null}\n');
  await open(path, {}, async (t) => {
    expect([t.n, t.d, [...t.values], [...t.rows]]).toEqual([2, 3, [1, 2, 3, 7, 8, 9.5], [0, 2]]);
    expect(t.excluded[0].rows).toEqual([1, 3]);
  });
  const duck = await openDuck();
  const parquet = join(folder, 'list.parquet');
  await duck.connection.run(`COPY (SELECT 'p' || i AS name, [i, i + 0.5]::FLOAT[2] AS latent FROM range(5000) t(i)) TO '${parquet}'`);
  duck.close();
  await open(parquet, {}, (t) => {
    expect([t.n, t.d, t.values[2 * 4321], t.values[2 * 4321 + 1]]).toEqual([5000, 2, 4321, 4321.5]);
    expect(t.metadataColumns).toEqual(['name']);
  });
  const broken = await file('broken.jsonl', '{"a":1}\n{"a":2}\n{"a":\n{"a":4}\n');
  await expect(openVectors(broken)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('broken.jsonl') });
});

test('npy and npz, with arrays about the rows; text arrays do not hinder', async () => {
  const plain = await file('v.npy', npy('<f8', [3, 2], Float64Array.of(1, 2, 3, 4, 5, 6)));
  await open(plain, {}, (t) => expect([t.n, t.d, ...t.values]).toEqual([3, 2, 1, 2, 3, 4, 5, 6]));
  const one = await file('one.npy', npy('<f4', [3], Float32Array.of(1, 2, 3)));
  await open(one, {}, (t) => expect([t.n, t.d]).toEqual([3, 1]));
  const archive = await file('v.npz', zipSync({
    'embeddings.npy': npy('<f4', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
    'label.npy': npy('<i8', [2], BigInt64Array.of(4n, 2n)),
    'big.npy': npy('<f4', [5, 9], new Float32Array(45)),
    'words.npy': npy('<U3', [2], new Uint8Array(24)),
  }));
  await open(archive, {}, async (t) => {
    expect([t.vectorColumns, t.metadataColumns, t.n, t.d]).toEqual([['embeddings'], ['label'], 2, 3]);
    expect([...(await t.classesOf('label'))]).toEqual([1, 0]);
    expect(t.warnings.join()).toContain('words');
  });
  await open(archive, { columns: ['big'] }, (t) => expect([t.n, t.d]).toEqual([5, 9]));
  await expect(openVectors(await file('cut.npy', npy('<f4', [3, 2], new Float32Array(5))))).rejects.toMatchObject({ code: 'bad-data' });
});

test('safetensors', async () => {
  const path = join(folder, 'v.safetensors');
  await writeSafetensors(path, { latents: { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }, kl: { shape: [2], values: Float32Array.of(0.5, 0.25) } });
  await open(path, {}, (t) => expect([t.n, t.d, t.metadataColumns, t.values[3]]).toEqual([2, 2, ['kl'], 4]));
});

test("the Embedding Projector's files: a pair beside each other, a configuration, raw tensors", async () => {
  const tensors = await file('tensors.tsv', '1\t2\n3\t4\n5\t6\n');
  await file('metadata.tsv', 'name\tkind\np\ta\nq\tb\nr\ta\n');
  await open(tensors, {}, (t) => expect([t.n, t.d, t.metadataColumns, t.values[0]]).toEqual([3, 2, ['name', 'kind'], 1]));
  await file('words.tsv', 'king\nqueen\nman\n'); // a single column has no header
  const config = await file('config.json', JSON.stringify({ embeddings: [{ tensorName: 'w', tensorShape: [3, 2], tensorPath: 'tensors.tsv', metadataPath: 'words.tsv' }, { tensorName: 'raw', tensorShape: [3, 2], tensorPath: 'raw.bytes' }] }));
  await open(config, {}, async (t) => {
    expect([t.n, t.d]).toEqual([3, 2]);
    expect([...(await t.classesOf(t.metadataColumns[0]))]).toEqual([0, 2, 1]);
  });
  await file('raw.bytes', new Uint8Array(Float32Array.of(9, 8, 7, 6, 5, 4).buffer));
  await open(config, { columns: ['raw'] }, (t) => expect([...t.values]).toEqual([9, 8, 7, 6, 5, 4]));
  await expect(openVectors(config, { columns: ['none'] })).rejects.toMatchObject({ code: 'bad-input' });
  await file('raw.bytes', new Uint8Array(20));
  await expect(openVectors(config, { columns: ['raw'] })).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('20 bytes') });
});

test('metadata from a second file; another number of rows is refused with both numbers', async () => {
  const path = await file('v2.npy', npy('<f4', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)));
  const good = await file('about.csv', 'label,score\na,1\nb,2\na,3\n');
  await open(path, { metadata: good }, (t) => expect(t.metadataColumns).toEqual(['label', 'score']));
  const short = await file('short.csv', 'label,score\na,1\nb,2\n');
  await expect(openVectors(path, { metadata: short })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(/has 2 rows, but .* has 3/) });
});

test('a csv with a broken line at row 900,000 is read, and the line is named', async () => {
  const lines = ['a,b,name'];
  for (let i = 0; i < 1_000_000; i++) lines.push(i === 899_998 ? '1,oops,x,y' : `${i},0.5,n`);
  const path = await file('long.csv', lines.join('\n'));
  await open(path, {}, (t) => {
    expect(t.n).toBe(999_999);
    expect(t.warnings.join()).toContain('line 900000 is broken');
    expect(t.values[2 * 899_998]).toBe(899_999);
  });
}, 60_000);

test('10,000 dimensions and a single row', async () => {
  const wide = await file('wide.csv', `${Array.from({ length: 10_000 }, (_, i) => `c${i}`).join(',')}\n${Array.from({ length: 10_000 }, (_, i) => i / 2).join(',')}\n`);
  await open(wide, {}, (t) => expect([t.n, t.d, t.values[9999]]).toEqual([1, 10_000, 4999.5]));
}, 60_000);

test('what is no table says so', async () => {
  await expect(openVectors(join(folder, 'absent.csv'))).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('absent.csv') });
  await expect(openVectors(join(folder, 'absent.npy'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(openVectors(await file('a.txt', 'hello'))).rejects.toMatchObject({ code: 'bad-input', remedy: expect.stringContaining('.parquet') });
  await expect(openVectors(await file('words.csv', 'a,b\nx,y\n'))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('no column of numbers') });
  await expect(openVectors(await file('empty.csv', ''))).rejects.toMatchObject({ code: 'bad-data' });
  await expect(openVectors(await file('fake.parquet', 'not parquet at all'))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('fake.parquet') });
  await expect(openVectors(await file('fake.json', '{}'))).rejects.toMatchObject({ code: 'bad-data' });
  const path = await file('b.csv', 'a\n1\n2\n');
  await open(path, {}, (t) => expect(t.save([], join(folder, 'b.xyz'))).rejects.toMatchObject({ code: 'bad-input' }));
});
