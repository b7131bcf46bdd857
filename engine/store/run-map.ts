import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MapInfo, MapFrame } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError } from '../core/errors.ts';
import { readSafetensors, writeSafetensors, type SafeTensors } from '../core/safetensors.ts';
import type { Projection } from '../core/projection.ts';
import { listSteps, stepFile } from './checkpoints.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { loadSheet, saveSheet, type SheetRecord } from './sheets.ts';

/** What stays the same while the map moves. */
export type MapItems = Pick<MapInfo, 'classes' | 'labels' | 'names' | 'items' | 'thumbnails'>;
/** A frame with the projection that made it, so that positions can be turned back into latents. */
export type StoredFrame = MapFrame & { projection: Projection };

interface ItemsRecord {
  classes: string[];
  names: string[];
  labels: number[];
  items: number[];
  thumbnails: SheetRecord[];
}

const FORMAT = 'latent-atelier-map';
const PREFIX = 'frame-';

export class MapStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async saveItems(items: MapItems): Promise<void> {
    const thumbnails: SheetRecord[] = [];
    for (const [i, sheet] of items.thumbnails.entries()) thumbnails.push(await saveSheet(this.folder, `thumbs-${i}`, sheet));
    const record: ItemsRecord = { classes: items.classes, names: items.names, labels: Array.from(items.labels), items: Array.from(items.items), thumbnails };
    await writeFileAtomic(join(this.folder, 'items.json'), recordText(FORMAT, record));
  }

  /** null before the run has a map. */
  async loadItems(): Promise<MapItems | null> {
    let record: ItemsRecord;
    try {
      record = await readRecord<ItemsRecord>(join(this.folder, 'items.json'), FORMAT, 'the items of a map');
    } catch (error) {
      if (error instanceof AtelierError && error.code === 'not-found') return null;
      throw error;
    }
    const thumbnails = await Promise.all(record.thumbnails.map((t) => loadSheet(this.folder, t)));
    return { classes: record.classes, names: record.names, labels: Int32Array.from(record.labels), items: Int32Array.from(record.items), thumbnails };
  }

  listSteps(): Promise<number[]> {
    return listSteps(this.folder, PREFIX);
  }

  async saveFrame(frame: StoredFrame): Promise<void> {
    const n = frame.positions.length / 3;
    const { mean, components, scale } = frame.projection;
    const tensors: SafeTensors = {
      positions: { shape: [n, 3], values: frame.positions },
      explained: { shape: [3], values: Float32Array.from(frame.explained) },
      'projection/mean': { shape: [mean.length], values: mean },
      'projection/components': { shape: [3, mean.length], values: components },
      'projection/scale': { shape: [1], values: Float64Array.of(scale) },
    };
    for (const [name, values] of Object.entries<Float32Array>(frame.metrics)) tensors[`metric/${name}`] = { shape: [n], values };
    await writeSafetensors(join(this.folder, stepFile(PREFIX, frame.step)), tensors, { step: String(frame.step) });
  }

  async loadFrame(step?: number): Promise<StoredFrame> {
    if (step !== undefined) return this.#read(step);
    const steps = (await this.listSteps()).reverse();
    for (const s of steps) {
      try {
        return await this.#read(s);
      } catch (error) {
        if (!(error instanceof AtelierError) || error.code !== 'bad-data') throw error;
      }
    }
    throw new AtelierError('not-found', `There is no map in ${this.folder} yet.`, 'Let the run train until its first evaluation.');
  }

  async truncate(step: number): Promise<void> {
    for (const s of await this.listSteps()) if (s > step) await rm(join(this.folder, stepFile(PREFIX, s)), { force: true });
  }

  async #read(step: number): Promise<StoredFrame> {
    const path = join(this.folder, stepFile(PREFIX, step));
    const { tensors } = await readSafetensors(path);
    const floats = (name: string): Float32Array => {
      const values = tensors[name]?.values;
      if (values instanceof Float32Array) return values;
      throw new AtelierError('bad-data', `${path} is not a frame of a map: it lacks "${name}".`, 'Delete the file; the other frames are intact.');
    };
    const scale = tensors['projection/scale']?.values[0];
    const explained = floats('explained');
    const metrics: Record<string, Float32Array> = {};
    for (const name of Object.keys(tensors)) if (name.startsWith('metric/')) metrics[name.slice(7)] = floats(name);
    return {
      step,
      positions: floats('positions'),
      metrics,
      explained: [explained[0], explained[1], explained[2]],
      projection: { mean: floats('projection/mean'), components: floats('projection/components'), scale: Number(scale) },
    };
  }
}
