import type { Link } from './link.ts';
import type { HostMessage } from '../../electron/contract/wire.ts';

/** The part of a MessagePort that the link uses; browsers and Node's worker_threads both have it. */
export interface PortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  start?(): void;
  close(): void;
}

/**
 * A line over MessagePorts. Main hands out a port for each life of the engine: when the engine dies a new port follows.
 * @param onPort registers for ports; `null` says that the engine went away and that another port will come
 */
export function portLink(onPort: (use: (port: PortLike | null) => void) => () => void): Link {
  let port: PortLike | null = null;
  let unregister = () => {};
  return {
    start(events) {
      unregister = onPort((next) => {
        if (port) {
          port.close();
          port = null;
          events.close('The engine stopped and is being started again.', false);
        }
        if (!next) return;
        port = next;
        next.addEventListener('message', (event) => {
          if (port === next) events.message(event.data as HostMessage);
        });
        next.start?.();
        events.open();
      });
    },
    send: (message) => port?.postMessage(message),
    stop() {
      unregister();
      port?.close();
      port = null;
    },
  };
}
