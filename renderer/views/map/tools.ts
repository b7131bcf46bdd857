/** What a drag on the map does. */
export type MapTool = 'look' | 'box' | 'lasso' | 'brush';

export const brushRadius = { least: 6, first: 22, most: 160 } as const;
