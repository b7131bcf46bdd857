import { enginePortMessage } from '../../electron/contract/shell-names.ts';
import { makeClient, type AppClient } from './make-client.ts';
import { portLink, type PortLike } from './port-link.ts';
import { shell } from './shell.ts';
import { socketLink } from './socket-link.ts';

/** The token stays in the address, so that a reload works; the pages forbid referrers, so it is told to nobody. */
export const token = new URLSearchParams(location.search).get('token') ?? '';

/** Ports arrive as messages of the window, because a MessagePort cannot pass through the context bridge. */
function shellPorts(use: (port: PortLike | null) => void): () => void {
  const listen = (event: MessageEvent): void => {
    if (event.source === window && event.data === enginePortMessage && event.ports[0]) use(event.ports[0] as PortLike);
  };
  window.addEventListener('message', listen);
  const stop = shell?.onEngineGone(() => use(null));
  shell?.connectEngine();
  return () => {
    window.removeEventListener('message', listen);
    stop?.();
  };
}

/** The one client of the window: over the shell's MessagePort in the desktop application, over a WebSocket in a browser. */
export const client: AppClient = makeClient(
  shell ? portLink(shellPorts) : socketLink(`${location.origin.replace(/^http/, 'ws')}/socket?token=${encodeURIComponent(token)}`),
);
