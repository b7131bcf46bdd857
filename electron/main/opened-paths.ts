import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The files and folders that a command line asks to open: what exists and is no option. The program itself and the folder of the
 * application (which stands there in development) are left out.
 * @param argv as the process got it
 * @param folder that relative paths start from
 */
export function openedPaths(argv: readonly string[], folder: string, appPath: string, exists: (path: string) => boolean = existsSync): string[] {
  return argv
    .slice(1)
    .filter((part) => part !== '' && !part.startsWith('-'))
    .map((part) => resolve(folder, part))
    .filter((path, i, all) => path !== resolve(appPath) && all.indexOf(path) === i && exists(path));
}
