import { DataArrayTexture, LinearFilter, RGBAFormat, UnsignedByteType } from 'three';

/** Gives the pixels of an item's thumbnail. */
export interface ThumbnailSource {
  /** Side of every thumbnail, in pixels. */
  readonly side: number;
  /** Writes [side, side, 4] bytes. @returns false while the picture is not there yet */
  read(item: number, out: Uint8Array): boolean;
}

/**
 * The thumbnails on the graphics card: an array texture with one layer each, filled as they are wanted, the one unused for
 * longest making room. Its size does not depend on how many items there are.
 */
export class ThumbnailSlots {
  readonly texture: DataArrayTexture;
  readonly side: number;
  readonly #source: ThumbnailSource;
  readonly #slotOf = new Map<number, number>();
  readonly #free: number[];
  readonly #data: Uint8Array<ArrayBuffer>;

  constructor(source: ThumbnailSource, slots: number) {
    this.#source = source;
    this.side = source.side;
    this.#data = new Uint8Array(source.side * source.side * 4 * slots);
    this.texture = new DataArrayTexture(this.#data, source.side, source.side, slots);
    this.texture.format = RGBAFormat;
    this.texture.type = UnsignedByteType;
    this.texture.minFilter = LinearFilter;
    this.texture.magFilter = LinearFilter;
    this.texture.generateMipmaps = false;
    this.#free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  }

  /** The slot of an item that is already on the card, or -1; marks it as used. */
  get(item: number): number {
    const slot = this.#slotOf.get(item);
    if (slot === undefined) return -1;
    this.#slotOf.delete(item);
    this.#slotOf.set(item, slot);
    return slot;
  }

  /** Reads the item's picture into a slot. @returns the slot, or -1 while there is no picture or no room */
  load(item: number, inUse: ReadonlySet<number>): number {
    let slot = this.#free.pop() ?? -1;
    if (slot < 0) {
      for (const [old, at] of this.#slotOf) {
        if (inUse.has(old)) continue;
        slot = at;
        this.#slotOf.delete(old);
        break;
      }
      if (slot < 0) return -1;
    }
    const bytes = this.side * this.side * 4;
    if (!this.#source.read(item, this.#data.subarray(slot * bytes, (slot + 1) * bytes))) {
      this.#free.push(slot);
      return -1;
    }
    this.#slotOf.set(item, slot);
    this.texture.addLayerUpdate(slot);
    this.texture.needsUpdate = true;
    return slot;
  }

  dispose(): void {
    this.texture.dispose();
  }
}
