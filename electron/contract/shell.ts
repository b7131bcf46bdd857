/**
 * What only the desktop shell can do for a page: `window.atelier` in the application, absent in a browser. Main checks the
 * sending frame and parses every message with these schemas before it acts; the bulk of the application does not come this way
 * but over the MessagePort to the engine.
 */
import { z } from 'zod';
import type { MenuCommand } from './shell-names.ts';

const title = z.string().max(200).optional();
const filters = z.array(z.object({ name: z.string().max(100), extensions: z.array(z.string().regex(/^[\w*]{1,12}$/)).max(20) })).max(10).optional();
const path = z.string().min(1).max(4096);

/** Each request to main by channel: the schema of its input. */
export const shellRequests = {
  'shell.pick-folder': z.strictObject({ title }),
  'shell.pick-files': z.strictObject({ title, filters, many: z.boolean().default(true) }),
  'shell.save-path': z.strictObject({ title, filters, suggested: z.string().max(4096).optional() }),
  'shell.reveal': z.strictObject({ path }),
  'shell.theme': z.strictObject({ theme: z.enum(['dark', 'light', 'system']) }),
  'shell.progress': z.strictObject({ fraction: z.number().min(0).max(1).nullable() }),
  'shell.microphone': z.strictObject({ wanted: z.boolean() }),
  'shell.ready': z.strictObject({}),
} as const;

export type ShellRequest = keyof typeof shellRequests;
export type ShellInput<R extends ShellRequest> = z.input<(typeof shellRequests)[R]>;

export { shellChannels } from './shell-names.ts';
export type { MenuCommand } from './shell-names.ts';

export interface ShellApi {
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** Of the application. */
  readonly version: string;
  /**
   * Asks for a port to the engine. It comes as a window message (`enginePortMessage`), now and again after each death of the
   * engine; a port handed out before is dead then.
   */
  connectEngine(): void;
  /** Tells that the engine died; the next port follows by itself. Returns a function that stops listening. */
  onEngineGone(listener: () => void): () => void;
  /** Resolves to the absolute path, or null when the dialog was left. */
  pickFolder(options?: ShellInput<'shell.pick-folder'>): Promise<string | null>;
  /** Resolves to absolute paths; none when the dialog was left. */
  pickFiles(options?: ShellInput<'shell.pick-files'>): Promise<string[]>;
  savePath(options?: ShellInput<'shell.save-path'>): Promise<string | null>;
  /** Absolute path of a `File` that was dropped or picked; empty when it has none (made by a page). */
  pathOf(file: object): string;
  /** Shows a file or folder in the system's file manager. */
  revealInFolder(path: string): Promise<void>;
  /** Colours of the window's frame, dialogs and menus. */
  setTheme(theme: 'dark' | 'light' | 'system'): Promise<void>;
  /** Progress on the taskbar's icon; null takes it away. */
  setProgress(fraction: number | null): Promise<void>;
  /** The microphone is refused to the page except between `true` and `false`. */
  wantMicrophone(wanted: boolean): Promise<void>;
  /** The page can be used; main notes how long the start took, in milliseconds since the process began. */
  ready(): Promise<number>;
  onCommand(listener: (command: MenuCommand) => void): () => void;
  /** Folders and files opened with the application: dropped on its icon, or named on its command line. */
  onOpenPaths(listener: (paths: string[]) => void): () => void;
}
