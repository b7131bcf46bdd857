export type Compared = 'original' | 'result' | 'difference';

const order: readonly Compared[] = ['original', 'result', 'difference'];

/** What X shows next. */
export const nextCompared = (mode: Compared): Compared => order[(order.indexOf(mode) + 1) % order.length];
