/** Blind listening: trials whose answer is drawn by chance, and what the answers are worth. */

export interface Trial {
  /** Which of two sounds, 0 or 1, is behind the letter A; the other is behind B. */
  a: 0 | 1;
  /** Which of the letters X repeats. */
  x: 'A' | 'B';
}

/** @param random in [0, 1), drawn twice */
export const drawTrial = (random: () => number): Trial => ({ a: random() < 0.5 ? 0 : 1, x: random() < 0.5 ? 'A' : 'B' });

/** Which sound, 0 or 1, is behind a letter. */
export function behind({ a, x }: Trial, letter: 'A' | 'B' | 'X'): 0 | 1 {
  const named = letter === 'X' ? x : letter;
  return named === 'A' ? a : a === 0 ? 1 : 0;
}

/**
 * How likely at least so many right answers are for somebody who only guesses: the upper tail of the binomial distribution.
 * @returns in (0, 1]
 */
export function chanceOf(right: number, trials: number): number {
  let term = 0.5 ** trials;
  let sum = right <= 0 ? term : 0;
  for (let k = 1; k <= trials; k++) {
    term *= (trials - k + 1) / k;
    if (k >= right) sum += term;
  }
  return Math.min(1, sum);
}
