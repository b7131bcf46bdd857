/** Names that shell and page share, apart from the schemas so that the preload need not carry those. */

/** Channels that are not requests. */
export const shellChannels = {
  /** page -> main: a port to the engine is wanted. */
  connect: 'shell.connect',
  /** main -> page: here it is (transferred). */
  port: 'shell.engine-port',
  /** main -> page: the engine died; a new port follows by itself. */
  gone: 'shell.engine-gone',
  command: 'shell.command',
  open: 'shell.open-paths',
} as const;

/**
 * `data` of the window message that carries the engine's port from the preload to the page, for ports cannot cross the
 * contextBridge. The page listens for `message` events whose source is its own window.
 */
export const enginePortMessage = 'atelier.engine-port';

/** What the menus ask of the page; each has a key there as well. */
export type MenuCommand =
  | 'new-project' | 'open-project' | 'import' | 'palette' | 'search' | 'place-1' | 'place-2' | 'place-3' | 'place-4' | 'place-5' | 'theme' | 'keys';
