import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Numbers that are the same each time, about normally distributed. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * A table of embeddings as a researcher has it: clusters in 12 dimensions with a name, a class and a score.
 * @returns its path and how many rows each class has
 */
export function makeTable(perClass = 120): { path: string; name: string; rows: number; perClass: number } {
  const classes = ['bird', 'boat', 'fish', 'tree'];
  const normal = normals(7);
  const centres = classes.map(() => Array.from({ length: 12 }, () => normal() * 4));
  const lines = [`name,label,score,${Array.from({ length: 12 }, (_, d) => `z${d}`).join(',')}`];
  for (let i = 0; i < classes.length * perClass; i++) {
    const k = i % classes.length;
    lines.push([`${classes[k]}-${i}`, classes[k], (i % 10).toFixed(1), ...centres[k].map((c) => (c + normal()).toFixed(4))].join(','));
  }
  const path = join(mkdtempSync(join(tmpdir(), 'atelier-tables-')), 'animals.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return { path, name: 'animals', rows: classes.length * perClass, perClass };
}
