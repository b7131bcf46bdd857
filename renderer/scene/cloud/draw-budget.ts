/** Points that are drawn while the picture moves, so many that it stays in motion: 25 to 60 pictures a second. */
export class DrawBudget {
  /** At least this many, else nothing is recognised. */
  static readonly least = 20_000;
  /** Begun with, where a processor draws. */
  static readonly first = 60_000;
  /** A picture that takes longer than this has too many points; one that takes less than half of it has room for more. In ms. */
  static readonly patienceMs = 40;
  #points: number;

  /** @param slow a processor draws, and not a graphics card */
  constructor(slow: boolean) {
    this.#points = slow ? DrawBudget.first : Infinity;
  }

  /** @param count points in all @returns how many of them to draw */
  of(count: number): number {
    return Math.min(count, Math.max(DrawBudget.least, Math.floor(this.#points)));
  }

  /** A picture while something moved. @param drawn its points @param ms what it took */
  note(drawn: number, ms: number): void {
    if (ms > DrawBudget.patienceMs) this.#points = Math.max(DrawBudget.least, drawn * Math.max(0.5, DrawBudget.patienceMs / ms));
    else if (ms < DrawBudget.patienceMs / 2 && drawn >= this.#points) this.#points = drawn * 1.25;
  }
}

/**
 * Items in an order in which the first m, for every m, are spread evenly over all: multiples of a step near the golden section of N
 * (Weyl's sequence), so that a part of a table that is sorted by class shows every class. [N]
 */
export function spreadOrder(count: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(count);
  let step = Math.max(1, Math.round(count * 0.6180339887498949));
  while (divisor(step, count) > 1) step++;
  for (let i = 0, at = 0; i < count; i++) {
    order[i] = at;
    at += step;
    if (at >= count) at -= count;
  }
  return order;
}

function divisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
