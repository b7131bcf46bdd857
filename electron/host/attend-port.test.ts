import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { silent } from '../../engine/core/log.ts';
import type { HostMessage } from '../contract/wire.ts';
import { attendPort, type HostPort } from './attend-port.ts';
import { tinyService } from './tiny-service.test-support.ts';

/** A port of Node's with the manner of Electron's: messages come as events that carry `data`. */
function asHostPort(port: MessagePort): HostPort {
  return {
    on(event: 'message' | 'close', listener: (event: { data: unknown }) => void) {
      return event === 'message' ? port.on('message', (data: unknown) => listener({ data })) : port.on('close', () => listener({ data: null }));
    },
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

function connect() {
  const { port1, port2 } = new MessageChannel();
  const got: HostMessage[] = [];
  let wake = (): void => {};
  port2.on('message', (message: HostMessage) => {
    got.push(message);
    wake();
  });
  open.push(attendPort(asHostPort(port1), tinyService(), silent), () => port2.close());
  return {
    port: port2,
    async next(): Promise<HostMessage> {
      while (got.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return got.shift()!;
    },
  };
}

test('calls are answered over a port, typed arrays included', async () => {
  const { port, next } = connect();
  port.postMessage({ type: 'call', id: 1, name: 'map.frame', input: { run: 'r' } });
  expect(await next()).toMatchObject({ type: 'result', id: 1, value: { positions: Float32Array.of(1, 2, 3) } });
});

test('messages that match nothing are survived; those with an id are told so', async () => {
  const { port, next } = connect();
  for (const bad of [null, 'text', 7, [], { type: 'call' }, new Uint8Array(3), new Map([['type', 'call']]), { type: 'eval', id: 1, code: 'process.exit()' }]) port.postMessage(bad);
  port.postMessage({ type: 'call', id: 2, name: 'runs.get', input: { run: 1 } });
  expect(await next()).toMatchObject({ type: 'error', id: 2, error: { code: 'bad-input', message: expect.stringContaining('run') } });
  port.postMessage({ type: 'call', id: 3, name: 'engine.info', input: {} });
  expect(await next()).toMatchObject({ type: 'result', id: 3 });
});

test('one port that closes leaves the others alone', async () => {
  const first = connect();
  const second = connect();
  first.port.postMessage({ type: 'subscribe', id: 1, name: 'jobs.events', input: {} });
  await first.next();
  first.port.close();
  second.port.postMessage({ type: 'call', id: 1, name: 'engine.info', input: {} });
  expect(await second.next()).toMatchObject({ type: 'result' });
});
