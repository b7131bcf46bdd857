import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where recents and caches live: `ATELIER_HOME`, or the platform's folder for application data
 * (`~/.local/share/latent-atelier` on Linux). May not exist yet.
 */
export function userFolder(...parts: string[]): string {
  return join(process.env.ATELIER_HOME ? resolve(process.env.ATELIER_HOME) : platformFolder(), ...parts);
}

function platformFolder(): string {
  const name = 'latent-atelier';
  if (process.platform === 'win32') return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), name);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name);
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), name);
}
