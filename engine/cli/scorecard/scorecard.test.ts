import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { familyOf } from '../../models/index.ts';
import { priorOf } from '../../priors/index.ts';
import { references, type Figure } from './references.ts';
import { goalText, loadResult, reached, saveResult, definitionOf, type Result } from './result.ts';
import { markdown, writeTable } from './table.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'scorecard-'));
  vi.stubEnv('ATELIER_HOME', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const result = (id: string, metrics: Record<string, number>): Result => {
  const reference = references.find((r) => r.id === id)!;
  return { id, definition: definitionOf(reference), metrics, notes: [], device: 'cpu', seed: 1, steps: 3000, seconds: 75, evaluationSeconds: 3, items: 1000, date: '2026-01-01T00:00:00Z' };
};

test('every reference is a training that its family takes, and compares with one that comes before it', () => {
  expect(new Set(references.map((r) => r.id)).size).toBe(references.length);
  references.forEach((reference, i) => {
    const family = familyOf(reference.train.family);
    const preset = reference.train.preset === undefined ? undefined : family.presets.find((p) => p.id === reference.train.preset);
    if (reference.train.preset !== undefined) expect(preset, reference.id).toBeDefined();
    expect(() => family.parse({ ...preset?.config, ...reference.train.config })).not.toThrow();
    if (reference.prior) expect(() => priorOf('pixelcnn').parse({ ...reference.prior!.config })).not.toThrow();
    if (reference.against) expect(references.findIndex((r) => r.id === reference.against)).toBeLessThan(i);
  });
});

test('goals are met at their limit and missed beyond it', () => {
  const figure = (goal: Figure['goal'], unit = 'nats'): Figure => ({ title: '', value: () => 0, unit, published: '', goal });
  expect([reached(figure({ atMost: 86 }), 86), reached(figure({ atMost: 86 }), 86.1), reached(figure({ atLeast: 97 }), 97), reached(figure(undefined), 1)]).toEqual([true, false, true, null]);
  expect(goalText(figure({ atLeast: 97 }, '%'))).toBe('at least 97 %');
});

test('a result is kept until the reference changes', async () => {
  const reference = references[0];
  expect(await loadResult(reference)).toBeNull();
  const kept = result(reference.id, { iwNats: -80 });
  await saveResult(reference, kept);
  expect(await loadResult(reference)).toEqual(kept);
  expect(await loadResult({ ...reference, seed: 2 })).toBeNull();
});

test('the table stands between its marks and replaces the one before', async () => {
  const path = join(home, 'doc.md');
  const reference = references.find((r) => r.id === 'mnist-iaf')!;
  const figure = reference.figures[1];
  const row = { reference, figure, result: result('mnist-iaf', {}), value: figure.value({ iwNats: -80 }, { iwNats: -80.2 }) };
  expect(row.value).toBeCloseTo(0.2, 9);
  await writeFile(path, 'Before\n<!-- scorecard: written by `atelier scorecard --write` -->\nold\n<!-- scorecard ends -->\nAfter\n');
  await writeTable(path, [row]);
  await writeTable(path, [row]);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/^Before\n<!--.*-->\n\| Run .*\n\| --- .*\n\| VAE with IAF.*\| 0.2 nats \(not reached\) \| at least 0.5 nats \|.*seed 1 \| 1 min 15 s on cpu \|\n<!-- scorecard ends -->\nAfter\n$/);
  expect(markdown([])).not.toContain('VAE');
  await writeFile(path, 'No marks');
  await expect(writeTable(path, [row])).rejects.toMatchObject({ code: 'bad-data' });
});
