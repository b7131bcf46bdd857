/** A seed that nobody chose. */
export const anySeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
