import { easeInOut } from '../easing.ts';
import { extentOf, type Extent } from './extent.ts';

export const glideMs = 600;

/**
 * Positions of the items between two frames. The GPU mixes the two arrays itself; the processor mixes only the few items
 * it must follow (thumbnails, rings, labels).
 */
export class Cloud {
  count = 0;
  /** [N, 3] */
  from: Float32Array = new Float32Array(0);
  to: Float32Array = new Float32Array(0);
  /** 0 at `from`, 1 at `to`. */
  mix = 1;
  /** Of the positions that the items glide to. */
  extent: Extent = extentOf(this.to);
  #radiusFrom = 1;
  #start = 0;

  /**
   * New positions; a glide under way goes on from where the items are seen just now.
   * @param positions [N, 3]
   * @param glide false: the items are there at once (another run, or reduced motion)
   */
  advance(positions: Float32Array, glide: boolean, now: number): void {
    this.#radiusFrom = this.radius;
    const same = positions.length === this.to.length;
    if (glide && same) {
      if (this.mix >= 1) this.from = this.to;
      else {
        const here = new Float32Array(positions.length);
        for (let i = 0; i < here.length; i++) here[i] = this.from[i] + (this.to[i] - this.from[i]) * this.mix;
        this.from = here;
      }
      this.mix = 0;
      this.#start = now;
    } else {
      this.from = positions;
      this.mix = 1;
    }
    this.to = positions;
    this.extent = extentOf(positions);
    this.count = positions.length / 3;
  }

  /** @returns true while the items glide */
  update(now: number): boolean {
    if (this.mix >= 1) return false;
    const t = Math.min(1, (now - this.#start) / glideMs);
    this.mix = t >= 1 ? 1 : easeInOut(t);
    return this.mix < 1;
  }

  /** Radius of most of the cloud as it is seen now. */
  get radius(): number {
    return this.#radiusFrom + (this.extent.radius - this.#radiusFrom) * this.mix;
  }

  /** Where item i is seen now. */
  at(index: number, out: [number, number, number] = [0, 0, 0]): [number, number, number] {
    const o = index * 3;
    for (let a = 0; a < 3; a++) out[a] = this.from[o + a] + (this.to[o + a] - this.from[o + a]) * this.mix;
    return out;
  }
}
