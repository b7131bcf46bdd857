import { expect, test } from 'vitest';
import { silent } from '../../engine/core/log.ts';
import type { HostMessage } from '../contract/wire.ts';
import { openConnection } from './connection.ts';
import { tinyService } from './tiny-service.test-support.ts';

function connect(own: Parameters<typeof tinyService>[0] = {}) {
  const sent: HostMessage[] = [];
  const connection = openConnection(tinyService(own), (message) => void sent.push(structuredClone(message)), silent);
  return { sent, connection, settle: () => new Promise((resolve) => setTimeout(resolve, 5)) };
}

test.each([
  null, undefined, 5, 'call', [], {}, { type: 'call' }, { type: 'call', id: -1, name: 'engine.info', input: {} }, { type: 'call', id: 1.5, name: 'engine.info', input: {} },
  { type: 'call', id: 1, name: 'x'.repeat(65), input: {} }, { type: 'drop', id: 1 }, { type: 'abort', id: 1, extra: true }, { type: 'call', id: '1', name: 'engine.info', input: {} },
])('%j is refused and what follows is still answered', async (bad) => {
  const { sent, connection, settle } = connect();
  expect(connection.receive(bad)).toBe(false);
  expect(sent.every((message) => message.type === 'error')).toBe(true);
  connection.receive({ type: 'call', id: 9, name: 'engine.info', input: {} });
  await settle();
  expect(sent.at(-1)).toMatchObject({ type: 'result', id: 9 });
});

test('names from an object\'s prototype are no calls', async () => {
  const { sent, connection, settle } = connect();
  for (const [id, name] of ['constructor', '__proto__', 'toString'].entries()) connection.receive({ type: 'call', id, name, input: {} });
  await settle();
  expect(sent.map((message) => message.type)).toEqual(['error', 'error', 'error']);
});

test('an input that does not match names the field', async () => {
  const { sent, connection, settle } = connect();
  connection.receive({ type: 'call', id: 1, name: 'train.start', input: { family: 'vae', data: 'd', training: { steps: 0 } } });
  await settle();
  expect(sent[0]).toMatchObject({ type: 'error', id: 1, error: { code: 'bad-input', message: expect.stringContaining('training.steps') } });
});

test('what a call throws arrives as a value', async () => {
  const { sent, connection, settle } = connect({
    'runs.get': async () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/x' });
    },
  });
  connection.receive({ type: 'call', id: 1, name: 'runs.get', input: { run: '/x' } });
  await settle();
  expect(sent[0]).toMatchObject({ type: 'error', error: { code: 'disk-full', message: expect.stringContaining('/x') } });
});

test('an answer that cannot be sent becomes an error', async () => {
  const { sent, connection, settle } = connect({ 'runs.get': async () => ({ f() {} }) as never });
  connection.receive({ type: 'call', id: 1, name: 'runs.get', input: { run: '/x' } });
  await settle();
  expect(sent).toMatchObject([{ type: 'error', id: 1, error: { code: 'internal' } }]);
});

test('abort reaches the call; closing aborts all and silences', async () => {
  const aborted: number[] = [];
  const { sent, connection, settle } = connect({
    'runs.get': (input, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(Number(input.run));
          reject(new Error('aborted'));
        });
      }),
  });
  connection.receive({ type: 'call', id: 1, name: 'runs.get', input: { run: '1' } });
  connection.receive({ type: 'call', id: 2, name: 'runs.get', input: { run: '2' } });
  connection.receive({ type: 'abort', id: 1 });
  await settle();
  expect(aborted).toEqual([1]);
  expect(sent).toHaveLength(1);
  connection.close();
  await settle();
  expect(aborted).toEqual([1, 2]);
  expect(sent).toHaveLength(1);
});

test('an id in use is refused, and free again after its answer', async () => {
  const { sent, connection, settle } = connect();
  connection.receive({ type: 'subscribe', id: 1, name: 'jobs.events', input: {} });
  expect(connection.receive({ type: 'call', id: 1, name: 'engine.info', input: {} })).toBe(false);
  connection.receive({ type: 'unsubscribe', id: 1 });
  expect(connection.receive({ type: 'call', id: 1, name: 'engine.info', input: {} })).toBe(true);
  await settle();
  expect(sent.map((message) => message.type)).toEqual(['event', 'error', 'result']);
});

test('a stream that cannot be opened is one error', () => {
  const { sent, connection } = connect();
  connection.receive({ type: 'subscribe', id: 4, name: 'run.events', input: { run: '/none' } });
  expect(sent).toMatchObject([{ type: 'error', id: 4, error: { code: 'not-found' } }]);
});

test('too many open calls are refused as busy', () => {
  const { sent, connection } = connect({ 'runs.get': () => new Promise(() => {}) });
  for (let id = 0; id < 257; id++) connection.receive({ type: 'call', id, name: 'runs.get', input: { run: 'r' } });
  expect(sent).toMatchObject([{ type: 'error', id: 256, error: { code: 'busy' } }]);
});
