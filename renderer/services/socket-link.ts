import { pack, unpack } from '../../electron/contract/message-pack.ts';
import type { closeCodes, HostMessage } from '../../electron/contract/wire.ts';
import type { Link } from './link.ts';

// Typed as the contract's own constants, so that a change there fails to compile here (the schemas stay out of the bundle).
const wrongToken: (typeof closeCodes)['wrongToken'] = 4401;
const foreign: (typeof closeCodes)['foreign'] = 4403;

/**
 * A line over a WebSocket that reconnects after 0.3 s, 0.6 s, ... 5 s.
 * @param url `ws://host/...` with the token in its query
 */
export function socketLink(url: string): Link {
  let socket: WebSocket | null = null;
  let stopped = false;
  let attempts = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    start(events) {
      const connect = (): void => {
        const mine = new WebSocket(url);
        socket = mine;
        mine.binaryType = 'arraybuffer';
        mine.onopen = () => {
          attempts = 0;
          events.open();
        };
        mine.onmessage = (event) => events.message(unpack(event.data as ArrayBuffer) as HostMessage);
        mine.onclose = (event) => {
          if (stopped || socket !== mine) return;
          const final = event.code === wrongToken || event.code === foreign;
          events.close(final ? 'The address of this page carries no valid token.' : 'The connection to the engine is down.', final);
          if (!final) timer = setTimeout(connect, Math.min(5000, 300 * 2 ** attempts++));
        };
      };
      connect();
    },
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(pack(message) as Uint8Array<ArrayBuffer>);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
