import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Answering } from '../../engine/service/answer.ts';
import { silent } from '../../engine/core/log.ts';
import { pack, unpack } from '../contract/message-pack.ts';
import type { HostMessage } from '../contract/wire.ts';
import { tinyService } from './tiny-service.test-support.ts';
import { startWebServer, type WebServer } from './web-server.ts';

let folder: string;
let server: WebServer;
const service: Answering = tinyService();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-web-'));
  await mkdir(join(folder, 'pages/assets'), { recursive: true });
  await writeFile(join(folder, 'pages/index.html'), '<!doctype html><html><head><title>pages</title></head></html>');
  await writeFile(join(folder, 'pages/assets/index-AbCd1234.js'), 'export {};');
  await writeFile(join(folder, 'pages/notes.exe'), 'x');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await symlink(join(folder, 'secret.txt'), join(folder, 'pages/link.txt'));
  server = await startWebServer({ service, pages: join(folder, 'pages'), uploads: async () => join(folder, 'uploads'), log: silent, maxUploadBytes: 1000 });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A request as written, so that no client tidies the path or the headers. */
function raw(lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
const get = (path: string, host = `127.0.0.1:${server.port}`, ...headers: string[]) => raw([`GET ${path} HTTP/1.1`, `Host: ${host}`, ...headers]);
const status = (answer: string) => Number(answer.split(' ')[1]);

test('the page needs the token; it comes with a strict policy and is never cached', async () => {
  expect(status(await get('/'))).toBe(401);
  expect(status(await get('/?token=wrong'))).toBe(401);
  expect(status(await get('/index.html?token='))).toBe(401);
  const answer = await get(`/?token=${server.token}`);
  expect(status(answer)).toBe(200);
  expect(answer).toContain('<title>pages</title>');
  expect(answer).toMatch(/cache-control: no-store/i);
  expect(answer).toMatch(/content-security-policy: default-src 'none'; script-src 'self'/i);
  expect(answer).toMatch(/content-type: text\/html/i);
  const nonce = /'nonce-([^']+)'/.exec(answer)?.[1];
  expect(answer).toContain(`<meta property="csp-nonce" nonce="${nonce}" />`);
  expect(await get(`/?token=${server.token}`)).not.toContain(nonce);
});

test('hashed assets have their type and may be kept', async () => {
  const answer = await get('/assets/index-AbCd1234.js');
  expect(answer).toMatch(/content-type: text\/javascript/i);
  expect(answer).toMatch(/immutable/);
});

test.each([
  '/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%5c..%5csecret.txt', '/assets/../../secret.txt', '/link.txt', '/notes.exe', '/assets', '/a%00b',
])('%s is not served', async (path) => {
  const answer = await get(path);
  expect([400, 404]).toContain(status(answer));
  expect(answer).not.toContain('secret\n');
});

test('an address that cannot be decoded is refused, and other methods too', async () => {
  expect(status(await get('/%zz'))).toBe(400);
  expect(status(await raw([`DELETE / HTTP/1.1`, `Host: 127.0.0.1:${server.port}`]))).toBe(405);
});

test('a foreign Host (DNS rebinding) or Origin is refused even with the token', async () => {
  expect(status(await get(`/?token=${server.token}`, `evil.example:${server.port}`))).toBe(403);
  expect(status(await get(`/?token=${server.token}`, `127.0.0.1.evil.example`))).toBe(403);
  expect(status(await get(`/?token=${server.token}`, undefined, 'Origin: http://evil.example'))).toBe(403);
  expect(status(await get(`/?token=${server.token}`, undefined, 'Origin: null'))).toBe(403);
  expect(status(await get(`/assets/index-AbCd1234.js`, undefined, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'))).toBe(403);
});

function refusal(path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const client = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    client.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      client.terminate();
    });
    client.on('open', () => reject(new Error('it was let in')));
    client.on('error', () => {});
  });
}

test.each(['/socket', '/socket?token=wrong', '/socket?token='])('a socket at %s is closed unheard, with a code that the page can see', async (path) => {
  const answers: unknown[] = [];
  const code = await new Promise((resolve, reject) => {
    const client = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
    client.on('open', () => client.send(pack({ type: 'call', id: 1, name: 'engine.info', input: {} })));
    client.on('message', (data) => answers.push(data));
    client.on('close', resolve);
    client.on('error', reject);
  });
  expect(code).toBe(4401);
  expect(answers).toEqual([]);
});

test('a socket from a foreign page, or at another path is refused', async () => {
  expect(await refusal(`/socket?token=${server.token}`, { origin: 'http://evil.example' })).toBe(403);
  expect(await refusal(`/socket?token=${server.token}`, { host: 'evil.example' })).toBe(403);
  expect(await refusal(`/other?token=${server.token}`)).toBe(404);
});

async function client(headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket?token=${server.token}`, { headers });
  const got: HostMessage[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (bytes: Buffer) => {
    got.push(unpack(bytes) as HostMessage);
    waiting.splice(0).forEach((wake) => wake());
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return {
    closed,
    raw: (data: string | Uint8Array) => socket.send(data),
    send: (message: unknown) => socket.send(pack(message)),
    async next(): Promise<HostMessage> {
      while (got.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return got.shift()!;
    },
    close: () => socket.close(),
  };
}

test('calls and streams go over the socket, from our own page and from programs', async () => {
  const c = await client({ origin: `http://127.0.0.1:${server.port}` });
  c.send({ type: 'call', id: 1, name: 'engine.info', input: {} });
  expect(await c.next()).toMatchObject({ type: 'result', id: 1, value: { version: 'tiny' } });
  c.send({ type: 'call', id: 2, name: 'map.frame', input: { run: 'r' } });
  const frame = (await c.next()) as { value: { positions: Float32Array } };
  expect(frame.value.positions).toEqual(Float32Array.of(1, 2, 3));
  c.send({ type: 'subscribe', id: 3, name: 'jobs.events', input: {} });
  expect(await c.next()).toMatchObject({ type: 'event', id: 3, value: [] });
  c.close();
});

test('a message that does not match its schema is answered with an error, and the connection goes on', async () => {
  const c = await client();
  c.send({ type: 'call', id: 1, name: 'runs.get', input: { run: 5 } });
  expect(await c.next()).toMatchObject({ type: 'error', id: 1, error: { code: 'bad-input' } });
  c.send({ type: 'call', id: 2, name: 'no.such', input: {} });
  expect(await c.next()).toMatchObject({ type: 'error', id: 2, error: { code: 'bad-input' } });
  c.send({ type: 'call', id: 3, name: 'engine.info', input: {}, more: 1 });
  expect(await c.next()).toMatchObject({ type: 'error', id: 3, error: { code: 'bad-input' } });
  c.send([1, 2]);
  c.send({ type: 'call', id: 4, name: 'engine.info', input: {} });
  expect(await c.next()).toMatchObject({ type: 'result', id: 4 });
  c.close();
});

test('text, broken bytes and messages past the limit close the connection, not the server', async () => {
  const text = await client();
  text.raw('{"type":"call"}');
  expect(await text.closed).toBe(4400);
  const broken = await client();
  broken.raw(Uint8Array.of(0xc1, 0, 1));
  expect(await broken.closed).toBe(4400);
  const large = await client();
  large.send({ type: 'call', id: 1, name: 'engine.info', input: new Uint8Array(2 << 20) });
  expect(await large.closed).toBe(1009);
  const after = await client();
  after.send({ type: 'call', id: 1, name: 'engine.info', input: {} });
  expect(await after.next()).toMatchObject({ type: 'result' });
  after.close();
});

const upload = (query: string, body: string | ReadableStream, init: RequestInit = {}) => fetch(`http://127.0.0.1:${server.port}/upload?${query}`, { method: 'POST', body, ...init });

test('an upload is kept below its own folder, whatever its path says', async () => {
  const good = await upload(`token=${server.token}&drop=d1&path=${encodeURIComponent('birds/owl.png')}`, 'picture');
  expect(good.status).toBe(200);
  const { root, path } = (await good.json()) as { root: string; path: string };
  expect(root).toBe(join(folder, 'uploads/d1'));
  expect(path).toBe(join(folder, 'uploads/d1/birds/owl.png'));
  expect(await readFile(path, 'utf8')).toBe('picture');
  const sly = await upload(`token=${server.token}&drop=d1&path=${encodeURIComponent('../../../x\0y/..\\con.png')}`, 'picture');
  expect((await sly.json()) as object).toMatchObject({ path: join(folder, 'uploads/d1/x_y/_con.png') });
});

test('an upload without token, from a foreign page, of a bad id, nameless or too large is refused and leaves nothing', async () => {
  expect((await upload('drop=d2&path=a.png', 'x')).status).toBe(401);
  expect((await upload(`token=${server.token}&drop=d2&path=a.png`, 'x', { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  expect((await upload(`token=${server.token}&drop=../up&path=a.png`, 'x')).status).toBe(400);
  expect((await upload(`token=${server.token}&drop=d2&path=..`, 'x')).status).toBe(400);
  const large = await upload(`token=${server.token}&drop=d2&path=a.png`, 'x'.repeat(1001));
  expect(large.status).toBe(400);
  expect(await large.json()).toMatchObject({ error: { code: 'bad-input' } });
  const streamed = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(100));
      controller.close();
    },
  });
  const unannounced = await upload(`token=${server.token}&drop=d2&path=b.png`, streamed, { duplex: 'half' } as RequestInit);
  expect(unannounced.status).toBe(400);
  await expect(readFile(join(folder, 'uploads/d2/b.png'))).rejects.toThrow();
  await expect(readFile(join(folder, 'uploads/d2/b.png.part'))).rejects.toThrow();
});

test('a port in use is an error that says so', async () => {
  await expect(startWebServer({ service, pages: folder, uploads: async () => folder, log: silent, port: server.port })).rejects.toMatchObject({ code: 'busy' });
});
