/**
 * The engine's process in the desktop application (an Electron utilityProcess). Main sends a port for each window; on every
 * port this process answers the contract. See `contract/host-process.ts` for the few words exchanged with main itself.
 */
import type { MessageEvent, MessagePortMain } from 'electron';
import { stderrLogger } from '../../engine/core/log.ts';
import { createService } from '../../engine/service/index.ts';
import { shutdownPatienceMs, type HostToMain } from '../contract/host-process.ts';
import { attendPort } from './attend-port.ts';

const log = stderrLogger(process.argv.includes('--verbose'));
const parent = process.parentPort;
const say = (message: HostToMain): void => parent.postMessage(message);

// Ports that come while the service starts keep their messages until they are started.
const starting = createService({ project: valueOf('--project'), log });
const detach = new Set<() => void>();

parent.on('message', (event: MessageEvent) => {
  const message: unknown = event.data;
  const type = typeof message === 'object' && message !== null ? (message as { type?: unknown }).type : undefined;
  if (type === 'connect' && event.ports.length === 1) void connect(event.ports[0]);
  else if (type === 'shutdown') void shutdown();
  else log.warn('A message from the main process was not understood.');
});

async function connect(port: MessagePortMain): Promise<void> {
  const service = await starting;
  const close = attendPort(port, service, log);
  detach.add(close);
  port.once('close', () => detach.delete(close));
}

async function shutdown(): Promise<void> {
  const late = setTimeout(() => process.exit(0), shutdownPatienceMs - 500);
  try {
    const service = await starting;
    for (const close of detach) close();
    await service.close();
  } catch (error) {
    log.error(`Closing failed: ${String(error)}`);
  } finally {
    clearTimeout(late);
    process.exit(0);
  }
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option);
  return at < 0 ? undefined : process.argv[at + 1];
}

process.on('unhandledRejection', (error) => log.error(`A fault nobody handled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));

try {
  const service = await starting;
  say({ type: 'ready' });
  const dead = Number(valueOf('--recover'));
  if (dead > 0) await service.recover(dead);
} catch (error) {
  log.error(`The engine could not start: ${String(error)}`);
  process.exit(1);
}
