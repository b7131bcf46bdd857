import { InvalidArgumentError } from 'commander';

/** `x,y,width,height` in cells. */
export function region(text: string): { x: number; y: number; width: number; height: number } {
  const [x, y, width, height, ...more] = text.split(',').map(Number);
  if (more.length > 0 || ![x, y, width, height].every(Number.isInteger)) throw new InvalidArgumentError('Give four whole numbers: x,y,width,height.');
  return { x, y, width, height };
}

/** `top` or `top,middle`. */
export const nameList = (text: string): string[] => text.split(',').map((name) => name.trim()).filter(Boolean);
