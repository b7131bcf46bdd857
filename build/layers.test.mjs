// @ts-check
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLayers } from './layers.mjs';

/** @param {Record<string, string>} files source by path */
function tree(files) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'layers-')));
  for (const [path, source] of Object.entries({ 'package.json': '{"name":"x","type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  return folder;
}

const value = 'export const value = 1;\nexport interface Shape { x: number }\n';

test('imports that point downwards pass', async () => {
  const { files, violations } = await checkLayers(
    tree({
      'engine/core/a.ts': value,
      'engine/graph/b.ts': "export { value } from '../core/a.ts';\n",
      'electron/contract/c.ts': value,
      'renderer/d.ts': "export { value } from '../electron/contract/c.ts';\n",
    }),
  );
  expect(violations).toEqual([]);
  expect(files).toBe(4);
});

test.each([
  ['core imports graph', 'engine/core/a.ts', "import { value } from '../graph/b.ts';\nexport const v = value;\n", 'engine/graph/b.ts', 'engine/core'],
  ['core imports a mere type of graph', 'engine/core/a.ts', "import type { Shape } from '../graph/b.ts';\nexport type S = Shape;\n", 'engine/graph/b.ts', 'engine/core'],
  ['training imports data', 'engine/training/a.ts', "export { value } from '../data/b.ts';\n", 'engine/data/b.ts', 'engine/training'],
  ['models imports the contract', 'engine/models/a.ts', "export { value } from '../../electron/contract/b.ts';\n", 'electron/contract/b.ts', 'engine/models'],
  ['the renderer imports the engine', 'renderer/a.ts', "export { value } from '../engine/core/b.ts';\n", 'engine/core/b.ts', 'renderer imports only the contract'],
  ['the renderer imports it lazily', 'renderer/a.ts', "export const v = () => import('../engine/core/b.ts');\n", 'engine/core/b.ts', 'renderer imports only the contract'],
  ['main imports the engine', 'electron/main/a.ts', "export { value } from '../../engine/service/b.ts';\n", 'engine/service/b.ts', 'main imports only the contract'],
  ['the contract imports the engine', 'electron/contract/a.ts', "export { value } from '../../engine/core/b.ts';\n", 'engine/core/b.ts', 'contract imports nothing of ours'],
  ['a program imports a test', 'engine/core/a.ts', "export { value } from './b.test.ts';\n", 'engine/core/b.test.ts', 'programs know no tests'],
])('%s: caught', async (_name, from, source, to, rule) => {
  const { violations } = await checkLayers(tree({ [from]: source, [to]: value }));
  expect(violations).toContainEqual(expect.objectContaining({ rule, from, to }));
});

test('Node in the page and a cycle are caught', async () => {
  const { violations } = await checkLayers(
    tree({
      'renderer/a.ts': "import { readFileSync } from 'node:fs';\nexport const v = readFileSync;\n",
      'engine/core/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'engine/core/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
    }),
  );
  expect(violations.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['the page knows no Node', 'no cycles']));
});
