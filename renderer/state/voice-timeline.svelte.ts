import { voice } from './voice.svelte.ts';

/** Pixels a second at most: a code of 40 ms is then as wide as a hand needs. */
const MOST_PX_PER_SEC = 1200;

/** What of the sounds is seen: all tracks of the stage share one scale and one place. */
class VoiceTimeline {
  /** Of a lane, in CSS pixels. */
  width = $state(800);
  /** 1: all of it. */
  zoom = $state(1);
  #left = $state(0);

  readonly most = $derived(Math.max(1, (MOST_PX_PER_SEC * voice.durationSec) / this.width));
  readonly pxPerSec = $derived(voice.durationSec > 0 ? (this.width / voice.durationSec) * Math.min(this.zoom, this.most) : 100);
  /** Time at the left edge, in seconds. */
  readonly fromSec = $derived(Math.max(0, Math.min(this.#left, voice.durationSec - this.width / this.pxPerSec)));
  readonly toSec = $derived(Math.min(voice.durationSec, this.fromSec + this.width / this.pxPerSec));
  /** How far the left edge is scrolled. */
  readonly scrollPx = $derived(this.fromSec * this.pxPerSec);

  xOf = (sec: number): number => (sec - this.fromSec) * this.pxPerSec;
  secAt = (x: number): number => Math.max(0, Math.min(voice.durationSec, this.fromSec + x / this.pxPerSec));

  scrollTo(sec: number): void {
    this.#left = Math.max(0, sec);
  }

  /** @param x stays where it is */
  zoomTo(zoom: number, x = this.width / 2): void {
    const held = this.secAt(x);
    this.zoom = Math.max(1, Math.min(this.most, zoom));
    this.#left = Math.max(0, held - x / this.pxPerSec);
  }

  reset(): void {
    this.zoom = 1;
    this.#left = 0;
  }

  /** Turns the page when the cursor leaves it. */
  follow(sec: number): void {
    if (this.zoom <= 1) return;
    if (sec > this.toSec) this.scrollTo(sec - 0.02 * (this.toSec - this.fromSec));
    else if (sec < this.fromSec) this.scrollTo(sec - 0.1 * (this.toSec - this.fromSec));
  }
}

export const timeline = new VoiceTimeline();
