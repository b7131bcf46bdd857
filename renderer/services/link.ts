import type { ClientMessage, HostMessage } from '../../electron/contract/wire.ts';

/** What a link reports to the client above it. */
export interface LinkEvents {
  open(): void;
  message(message: HostMessage): void;
  /** The line is down. `final` says that trying again is pointless (wrong token), `why` is for people. */
  close(why: string, final: boolean): void;
}

/** A line to the engine that mends itself: after `close` (unless final) it tries again and reports `open`. */
export interface Link {
  start(events: LinkEvents): void;
  /** Sends when open; messages sent while the line is down are lost (the client above repeats them). */
  send(message: ClientMessage): void;
  stop(): void;
}
