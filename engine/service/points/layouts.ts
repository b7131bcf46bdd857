import type { LayoutInfo } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Projection } from '../../core/projection.ts';
import type { PointTable } from '../../data/points/index.ts';
import type { LayoutArrays, MapShelf, StoredLayout } from '../../store/map-shelf.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import type { Tasks } from '../worker-messages.ts';
import { inWorker, type Workers } from '../workers.ts';

/** Principal components at hand. */
const COMPONENTS = 10;

/** A layout with its coordinates, and how it was made where it is a linear map of the vectors. */
export interface OpenLayout {
  info: LayoutInfo;
  /** [N, 3] */
  positions: Float32Array;
  projection: Projection | null;
}

type Components = Tasks['components']['output'];

/** The coordinates that a source has: of its table, its raw dimensions, its principal components, a run's frames, and what was projected and kept. */
export class Layouts {
  readonly warnings: string[] = [];
  readonly #table: PointTable;
  readonly #shelf: MapShelf;
  readonly #fingerprint: string;
  readonly #workers: Workers;
  readonly #frames: RunFolder | null;
  readonly #decodes: boolean;
  #steps: number[] = [];
  #stored: StoredLayout[] = [];
  #components: Promise<Components> | null = null;
  readonly #open = new Map<string, Promise<OpenLayout>>();

  static async open(parts: { table: PointTable; shelf: MapShelf; fingerprint: string; workers: Workers; frames?: RunFolder | null; step?: number }): Promise<Layouts> {
    const layouts = new Layouts(parts);
    if (parts.frames) layouts.#steps = (await parts.frames.listMapSteps()).filter((s) => s === parts.step);
    if (parts.frames && layouts.#steps.length === 0) {
      // The newest frame was made with weights close to the newest checkpoint's.
      const newest = (await parts.frames.listMapSteps()).filter((s) => s <= (parts.step ?? Infinity)).at(-1);
      if (newest !== undefined) layouts.#steps = [newest];
    }
    const all = await parts.shelf.layouts();
    layouts.#stored = all.filter((s) => s.fingerprint === parts.fingerprint && s.count === parts.table.n);
    if (all.length > layouts.#stored.length) layouts.warnings.push(`${all.length - layouts.#stored.length} kept projections are of an earlier state and are not shown; project again.`);
    for (const { info } of layouts.#stored) await layouts.#addQuality(await parts.shelf.layoutArrays(info.id));
    return layouts;
  }

  private constructor(parts: { table: PointTable; shelf: MapShelf; fingerprint: string; workers: Workers; frames?: RunFolder | null; step?: number }) {
    this.#table = parts.table;
    this.#shelf = parts.shelf;
    this.#fingerprint = parts.fingerprint;
    this.#workers = parts.workers;
    this.#frames = parts.frames ?? null;
    this.#decodes = parts.step !== undefined;
  }

  /** Given coordinates first, then kept projections, newest first, then PCA; raw dimensions last. */
  list(): LayoutInfo[] {
    const { vectors, coordinates } = this.#table;
    const out: LayoutInfo[] = coordinates.map((set) => this.#plain(`columns:${set.columns.join(',')}`, set.name === '' ? 'As in the table' : set.name, 'columns', set.columns, null));
    out.push(...this.#stored.map(({ info }) => info).reverse());
    out.push(...this.#steps.map((step) => this.#plain(`frame:${step}`, `Training, step ${step}`, 'frame', ['PC 1', 'PC 2', 'PC 3'], 'exact')));
    if (vectors) {
      out.push(this.#plain(`pca:${axesOf(Math.min(3, vectors.d))}`, 'Principal components', 'pca', ['PC 1', 'PC 2', 'PC 3'].slice(0, Math.max(2, Math.min(3, vectors.d))), 'exact'));
      if (vectors.d <= 3 && coordinates.length === 0) out.unshift(this.#plain(`raw:${axesOf(vectors.d)}`, 'As in the table', 'raw', vectors.names, 'exact'));
      else out.push(this.#plain(`raw:${axesOf(Math.min(3, vectors.d))}`, 'Raw dimensions', 'raw', vectors.names.slice(0, 3), 'exact'));
    }
    return out;
  }

  /** @throws AtelierError 'not-found' | 'bad-input' */
  async get(id: string): Promise<OpenLayout> {
    const open = this.#open.get(id) ?? this.#make(id);
    this.#open.delete(id);
    this.#open.set(id, open);
    open.catch(() => this.#open.delete(id));
    if (this.#open.size > 8) this.#open.delete(this.#open.keys().next().value!);
    return open;
  }

  async components(): Promise<Components> {
    const { vectors } = this.#table;
    if (!vectors) throw new AtelierError('bad-input', 'The table has no vectors.', 'Name the columns that make them when it is opened.');
    this.#components ??= inWorker(this.#workers, 'components', { rows: { values: vectors.values, n: vectors.n, d: vectors.d }, k: Math.min(COMPONENTS, vectors.d), seed: 0 });
    this.#components.catch(() => (this.#components = null));
    return this.#components;
  }

  /** Keeps a new layout in the project. */
  async keep(info: LayoutInfo, arrays: LayoutArrays): Promise<LayoutInfo> {
    const kept = { ...info, bounds: boundsOf(arrays.positions), qualityColumns: Object.keys(arrays.quality) };
    await this.#shelf.saveLayout({ info: kept, fingerprint: this.#fingerprint, count: this.#table.n }, arrays);
    await this.#addQuality(arrays);
    this.#stored.push({ info: kept, fingerprint: this.#fingerprint, count: this.#table.n });
    return kept;
  }

  async rename(id: string, name: string): Promise<LayoutInfo> {
    const stored = this.#kept(id);
    const old = stored.info;
    stored.info = { ...old, name };
    await this.#shelf.saveLayoutInfo(stored);
    this.#open.delete(id);
    return stored.info;
  }

  async remove(id: string): Promise<void> {
    const stored = this.#kept(id);
    await this.#shelf.removeLayout(id);
    for (const name of stored.info.qualityColumns) await this.#table.dropColumn(name);
    this.#stored = this.#stored.filter((s) => s !== stored);
    this.#open.delete(id);
  }

  /** A name that no layout has: "UMAP", "UMAP 2", ... */
  freeName(wanted: string): string {
    const taken = new Set(this.list().map(({ name }) => name));
    for (let i = 1; ; i++) {
      const name = i === 1 ? wanted : `${wanted} ${i}`;
      if (!taken.has(name)) return name;
    }
  }

  #kept(id: string): StoredLayout {
    const stored = this.#stored.find(({ info }) => info.id === id);
    if (!stored) throw new AtelierError('not-found', `No projection is kept as ${id}.`, 'Look at the list of layouts again.');
    return stored;
  }

  #plain(id: string, name: string, kind: LayoutInfo['kind'], axes: readonly string[], inverse: LayoutInfo['inverse']): LayoutInfo {
    return { id, name, kind, dims: axes.length >= 3 ? 3 : 2, bounds: null, axes: [...axes], explained: null, parameters: {}, quality: null, qualityColumns: [], inverse: this.#decodes ? inverse : null, createdAt: null };
  }

  async #addQuality({ quality }: LayoutArrays): Promise<void> {
    await this.#table.addNumbers(Object.entries(quality).map(([name, values]) => ({ name, values })));
  }

  async #make(id: string): Promise<OpenLayout> {
    const at = id.indexOf(':');
    const kind = at < 0 ? '' : id.slice(0, at);
    const given = id.slice(at + 1);
    if (kind === 'columns') return this.#ofColumns(id, given);
    if (kind === 'raw' || kind === 'pca') return this.#linear(id, kind, given);
    if (kind === 'frame') return this.#ofFrame(id, Number(given));
    const { info } = this.#kept(id);
    const { positions } = await this.#shelf.layoutArrays(id);
    return { info, positions, projection: null };
  }

  async #ofColumns(id: string, given: string): Promise<OpenLayout> {
    const known = this.#table.coordinates.find((set) => set.columns.join(',') === given);
    const names = known?.columns ?? given.split(',');
    if (names.length < 2 || names.length > 3) throw new AtelierError('bad-input', `A layout has two or three columns, not ${names.length}.`, 'Name for example columns:x,y,z.');
    const { n, vectors } = this.#table;
    const positions = new Float32Array(n * 3);
    let missing = 0;
    for (const [axis, name] of names.entries()) {
      const own = vectors?.names.length === vectors?.d ? (vectors?.names.indexOf(name) ?? -1) : -1;
      if (vectors && own >= 0) {
        for (let i = 0; i < n; i++) positions[i * 3 + axis] = vectors.values[i * vectors.d + own];
        continue;
      }
      const column = await this.#table.column(name);
      if (column.type !== 'number') throw new AtelierError('bad-input', `The column "${name}" holds no numbers.`, 'Choose columns of numbers.');
      for (let i = 0; i < n; i++) {
        const v = column.values[i];
        if (Number.isFinite(v)) positions[i * 3 + axis] = v;
        else missing++;
      }
    }
    if (missing > 0) this.warnings.push(`${missing} coordinates of ${names.join(', ')} are missing or not finite; they were taken as 0.`);
    const plain = this.#plain(id, known?.name || (known ? 'As in the table' : names.join(', ')), 'columns', names, null);
    return { info: { ...plain, bounds: boundsOf(positions) }, positions, projection: null };
  }

  async #linear(id: string, kind: 'raw' | 'pca', given: string): Promise<OpenLayout> {
    const { vectors, n } = this.#table;
    if (!vectors) throw new AtelierError('bad-input', 'The table has no vectors.', 'Name the columns that make them when it is opened.');
    const most = kind === 'raw' ? vectors.d : Math.min(COMPONENTS, vectors.d);
    const axes = given.split(',').map(Number);
    if (axes.length < 1 || axes.length > 3 || axes.some((a) => !Number.isInteger(a) || a < 0 || a >= most)) {
      throw new AtelierError('bad-input', `${id}: two or three of the ${kind === 'raw' ? 'dimensions' : 'components'} 0 to ${most - 1} were expected.`, `Name for example ${kind}:0,1,2.`);
    }
    const positions = new Float32Array(n * 3);
    const components = new Float32Array(3 * vectors.d);
    let mean: Float32Array = new Float32Array(vectors.d);
    let explained: number[] | null = null;
    if (kind === 'raw') {
      axes.forEach((a, axis) => {
        components[axis * vectors.d + a] = 1;
        for (let i = 0; i < n; i++) positions[i * 3 + axis] = vectors.values[i * vectors.d + a];
      });
    } else {
      const found = await this.components();
      ({ mean } = found);
      axes.forEach((a, axis) => {
        components.set(found.components.subarray(a * vectors.d, (a + 1) * vectors.d), axis * vectors.d);
        for (let i = 0; i < n; i++) positions[i * 3 + axis] = found.scores[i * found.k + a];
      });
      explained = axes.map((a) => (found.totalVariance > 0 ? found.variances[a] / found.totalVariance : 0));
    }
    const names = axes.map((a, axis) => (kind === 'raw' ? vectors.names[a] ?? `${vectors.names[0]}[${a}]` : `PC ${a + 1} (${(explained![axis] * 100).toFixed(1)} %)`));
    const plain = this.#plain(id, kind === 'raw' ? 'Raw dimensions' : 'Principal components', kind, names, 'exact');
    return { info: { ...plain, explained, bounds: boundsOf(positions) }, positions, projection: { mean, components, scale: 1 } };
  }

  async #ofFrame(id: string, step: number): Promise<OpenLayout> {
    if (!this.#frames || !this.#steps.includes(step)) throw new AtelierError('not-found', `There is no frame of step ${step} of these points.`, 'Look at the list of layouts.');
    const { positions, projection, explained } = await this.#frames.loadMapFrame(step);
    const plain = this.#plain(id, `Training, step ${step}`, 'frame', explained.map((v, a) => `PC ${a + 1} (${(v * 100).toFixed(1)} %)`), 'exact');
    return { info: { ...plain, explained: [...explained], bounds: boundsOf(positions) }, positions, projection };
  }
}

const axesOf = (d: number): string => Array.from({ length: d }, (_, a) => a).join(',');

export function boundsOf(positions: Float32Array): LayoutInfo['bounds'] {
  if (positions.length === 0) return null;
  const low: [number, number, number] = [Infinity, Infinity, Infinity], high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    const a = i % 3, v = positions[i];
    if (v < low[a]) low[a] = v;
    if (v > high[a]) high[a] = v;
  }
  return { low, high };
}
