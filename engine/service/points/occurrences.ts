import type { OutputOf, Calls } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Source, Sources } from './sources.ts';

/** Where a code stands in the items of the run's map, most uses first. */
export async function occurrences(sources: Sources, codebook: Source, code: number, limit: number, size: number): Promise<OutputOf<Calls['codebook.occurrences']>> {
  if (codebook.spec.kind !== 'codebook') throw new AtelierError('bad-input', `"${codebook.title}" is no codebook.`, 'Open the codebook of a VQ-VAE.');
  if (code >= codebook.table.n) throw new AtelierError('bad-input', `The codebook has ${codebook.table.n} codes; there is no code ${code}.`, 'Codes count from 0.');
  const { run, step } = codebook.spec;
  const items = await sources.open({ kind: 'run', run, items: 'map', step });
  const { codes } = items.run!;
  if (!codes) throw new AtelierError('bad-input', `"${codebook.title}" has no codes.`, 'Open the codebook of a VQ-VAE.');
  const per = codes.height * codes.width;
  const found: { index: number; cells: Int32Array }[] = [];
  let total = 0;
  for (let index = 0; index < items.table.n; index++) {
    const cells: number[] = [];
    for (let c = 0; c < per; c++) if (codes.values[index * per + c] === code) cells.push(c);
    total += cells.length;
    if (cells.length > 0) found.push({ index, cells: Int32Array.from(cells) });
  }
  const shown = found.sort((a, b) => b.cells.length - a.cells.length || a.index - b.index).slice(0, limit);
  const names = shown.length > 0 ? (await items.table.cells(shown.map((s) => s.index), ['name']))[0].values : [];
  const sheet = shown.length > 0 ? (await items.media.thumbnails(shown.map((s) => s.index), Math.min(128, size))).sheet : null;
  return { code, total, items: shown.map((s, i) => ({ ...s, name: String(names[i]) })), height: codes.height, width: codes.width, sheet };
}
