import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const schema = z.object({
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(200), height: z.number().int().min(200) }).nullable(),
  maximised: z.boolean(),
  theme: z.enum(['dark', 'light', 'system']),
});
export type WindowState = z.infer<typeof schema>;

/** Sizes in device-independent pixels. */
export const minimumSize = { width: 960, height: 640 };
export const usualSize = { width: 1280, height: 800 };

const usual: WindowState = { bounds: null, maximised: false, theme: 'system' };

/** What was saved, or the usual state when nothing or nonsense was. */
export function loadWindowState(file: string): WindowState {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { ...usual };
  }
}

/** Saves as a whole; a disk that refuses costs the memory of the window's place, no more. */
export function saveWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch {
    return;
  }
}

/**
 * Where the window opens: as remembered, if enough of its title bar can be reached on a screen that is there now; else in the
 * middle of the first screen, no larger than it.
 * @param screens work areas of the screens, the first one first
 */
export function placeWindow(remembered: Rectangle | null, screens: Rectangle[]): Rectangle {
  const area = screens[0];
  if (remembered) {
    const reachable = screens.some((screen) => {
      const across = Math.min(remembered.x + remembered.width, screen.x + screen.width) - Math.max(remembered.x, screen.x);
      return across >= 120 && remembered.y >= screen.y - 8 && remembered.y + 40 <= screen.y + screen.height;
    });
    if (reachable) {
      return { ...remembered, width: Math.max(remembered.width, minimumSize.width), height: Math.max(remembered.height, minimumSize.height) };
    }
  }
  const width = Math.min(usualSize.width, area.width);
  const height = Math.min(usualSize.height, area.height);
  return { x: area.x + Math.round((area.width - width) / 2), y: area.y + Math.round((area.height - height) / 2), width, height };
}
