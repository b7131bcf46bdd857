/**
 * What main and the engine host (a utilityProcess) say to each other over `process.parentPort`; the application's own calls
 * go over the ports that `connect` hands on. Main passes the host's folder for projects and caches by ATELIER_HOME, if set.
 */
export type MainToHost =
  /** A window's port comes with this message (`event.ports[0]`): speak `wire.ts` on it until it closes. */
  | { type: 'connect' }
  /** Save what runs and exit with code 0; main waits `shutdownPatienceMs`, then ends the process. */
  | { type: 'shutdown' };

export type HostToMain =
  /** The service stands; ports that came before have been kept. */
  { type: 'ready' };

export const shutdownPatienceMs = 8000;
