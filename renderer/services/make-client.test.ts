import { afterEach, expect, test } from 'vitest';
import type { ClientMessage } from '../../electron/contract/wire.ts';
import { makeClient, type AppClient, type ConnectionState } from './make-client.ts';
import { portLink, type PortLike } from './port-link.ts';

/** An engine end that records what it gets and answers by hand. */
function engine() {
  let give: (port: PortLike | null) => void = () => {};
  let far: MessagePort | undefined;
  const got: ClientMessage[] = [];
  let wake = () => {};
  const link = portLink((use) => {
    give = use;
    return () => {};
  });
  return {
    link,
    got,
    connect() {
      const { port1, port2 } = new MessageChannel();
      far = port2;
      port2.onmessage = (event: MessageEvent<ClientMessage>) => {
        got.push(event.data);
        wake();
      };
      give(port1 as PortLike);
    },
    die() {
      far?.close();
      give(null);
    },
    send: (message: unknown) => far?.postMessage(message),
    async received(count: number) {
      while (got.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return got[count - 1];
    },
  };
}

let open: { client: AppClient; die(): void }[] = [];
function connected() {
  const far = engine();
  const client = makeClient(far.link);
  open.push({ client, die: far.die });
  return { far, client };
}
afterEach(() => {
  for (const { client, die } of open) {
    die();
    client.close();
  }
  open = [];
});

test('a call made before the line is open waits, and its answer comes back', async () => {
  const { far, client } = connected();
  const answer = client.call('engine.info', {});
  far.connect();
  const message = await far.received(1);
  expect(message).toMatchObject({ type: 'call', name: 'engine.info', input: {} });
  far.send({ type: 'result', id: message.id, value: { version: '1' } });
  expect(await answer).toEqual({ version: '1' });
});

test('an error arrives as a value with its remedy', async () => {
  const { far, client } = connected();
  far.connect();
  const answer = client.call('projects.open', { path: '/nowhere' });
  const { id } = await far.received(1);
  far.send({ type: 'error', id, error: { code: 'not-found', message: 'There is no /nowhere.', remedy: 'Check the path.' } });
  await expect(answer).rejects.toEqual({ code: 'not-found', message: 'There is no /nowhere.', remedy: 'Check the path.' });
});

test('when the engine dies, sent calls reject and subscriptions are made again on the next port', async () => {
  const { far, client } = connected();
  const states: ConnectionState[] = [];
  client.onState((state) => states.push(state));
  const events: unknown[] = [];
  far.connect();
  client.subscribe('jobs.events', {}, (jobs) => events.push(jobs));
  const lost = client.call('jobs.list', {});
  await far.received(2);
  far.die();
  await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
  const waiting = client.call('data.list', {});
  far.connect();
  const again = await far.received(3);
  expect(again).toMatchObject({ type: 'subscribe', name: 'jobs.events' });
  const call = await far.received(4);
  far.send({ type: 'event', id: again.id, value: [] });
  far.send({ type: 'result', id: call.id, value: [] });
  expect(await waiting).toEqual([]);
  expect(events).toEqual([[]]);
  expect(states).toEqual(['connecting', 'open', 'lost', 'open']);
});

test('aborting tells the engine and rejects as cancelled', async () => {
  const { far, client } = connected();
  far.connect();
  const control = new AbortController();
  const answer = client.call('devices.list', {}, { signal: control.signal });
  const { id } = await far.received(1);
  control.abort();
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  expect(await far.received(2)).toEqual({ type: 'abort', id });
});

test('after unsubscribing nothing is delivered and the engine is told', async () => {
  const { far, client } = connected();
  far.connect();
  let count = 0;
  const stop = client.subscribe('jobs.events', {}, () => count++);
  const { id } = await far.received(1);
  stop();
  expect(await far.received(2)).toEqual({ type: 'unsubscribe', id });
  far.send({ type: 'event', id, value: [] });
  const answer = client.call('jobs.list', {});
  const call = await far.received(3);
  far.send({ type: 'result', id: call.id, value: [] });
  await answer;
  expect(count).toBe(0);
});
