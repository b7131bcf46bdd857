/** Columns of a grid whose pictures go through so many classes in turn: whole rounds, about a dozen; each column keeps its class. */
export const rounds = (classes: number): number => classes * Math.max(1, Math.floor(12 / classes));
