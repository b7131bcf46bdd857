/** Neighbouring numbers are far apart on the circle of hues; a code has one colour everywhere. */
export const codeColour = (code: number): string => `oklch(${0.66 + 0.14 * ((code * 0.618034) % 1)} 0.13 ${((code * 137.508) % 360).toFixed(1)})`;
