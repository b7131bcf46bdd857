import type { Logger } from '../../engine/core/log.ts';
import type { Answering } from '../../engine/service/answer.ts';
import { openConnection } from './connection.ts';

/** The part of a message port that Electron's MessagePortMain has; Node's own differs in how it hands over messages. */
export interface HostPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/**
 * Answers the contract on a port until either side closes it.
 * @returns closes it
 */
export function attendPort(port: HostPort, service: Answering, log: Logger): () => void {
  const connection = openConnection(service, (message) => port.postMessage(message), log);
  port.on('message', (event) => void connection.receive(event.data));
  port.on('close', () => connection.close());
  port.start();
  return () => {
    connection.close();
    port.close();
  };
}
