import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { AtelierError, toAtelierError } from '../../engine/core/errors.ts';
import type { Logger } from '../../engine/core/log.ts';
import type { Answering } from '../../engine/service/answer.ts';
import { pack, unpack } from '../contract/message-pack.ts';
import { closeCodes, maxClientMessageBytes } from '../contract/wire.ts';
import { addressOf, isForeign, newToken, tokenMatches } from './access.ts';
import { openConnection } from './connection.ts';
import { findStatic, sendStatic } from './static-files.ts';
import { receiveUpload } from './upload.ts';

export interface WebServerOptions {
  service: Answering;
  /** Folder of the built renderer. */
  pages: string;
  /** Where the files dropped in a browser go; asked at each upload, for the project may change. */
  uploads: () => Promise<string>;
  log: Logger;
  /** Port on 127.0.0.1; 0 finds a free one. Default 0. */
  port?: number;
  /** Default: a new one of 256 bits. */
  token?: string;
  /** Largest uploaded file in bytes. Default 4 GiB. */
  maxUploadBytes?: number;
}

export interface WebServer {
  /** What to open in a browser, token included. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** A client that lets this much pile up is cut off, and may connect again. */
const maxBufferedBytes = 64 << 20;
const maxClients = 16;
const heartbeatMs = 20_000;

/**
 * Serves the application's pages and its contract on 127.0.0.1: static files over HTTP, calls and streams over a WebSocket
 * at `/socket?token=...` (MessagePack), dropped files at `POST /upload?token=...`.
 * @throws AtelierError 'busy' when the port is taken
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { service, log } = options;
  const token = options.token ?? newToken();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxClientMessageBytes, perMessageDeflate: false, clientTracking: true });
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      log.warn(`A request failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.requestTimeout = 0; // an upload may take long; the headers may not
  server.headersTimeout = 10_000;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = randomBytes(16).toString('base64');
    secure(request, response, nonce);
    if (isForeign(request)) return refuse(request, response, 403, 'This address belongs to another page.');
    const address = addressOf(request);
    if (!address) return refuse(request, response, 400, 'The address cannot be read.');
    const { path, query } = address;
    const authorised = tokenMatches(query.get('token'), token);
    if (path === '/upload') {
      if (request.method !== 'POST') return refuse(request, response, 405, 'Files come by POST.');
      if (!authorised) return refuse(request, response, 401, 'The token is missing or wrong.');
      return upload(request, response, query);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(request, response, 405, 'Only GET is answered here.');
    if ((path === '/' || path === '/index.html') && !authorised) {
      return refuse(request, response, 401, 'The token is missing or wrong: open the whole address that `atelier serve` printed.');
    }
    const found = await findStatic(options.pages, path);
    if (!found) return refuse(request, response, 404, 'There is no such page.');
    await sendStatic(response, found, nonce, request.method === 'HEAD');
  }

  async function upload(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    try {
      const result = await receiveUpload(request, query, await options.uploads(), options.maxUploadBytes ?? 4 * 2 ** 30);
      json(response, 200, result);
    } catch (error) {
      const value = toAtelierError(error, 'taking the upload').toValue();
      response.setHeader('connection', 'close');
      json(response, value.code === 'bad-input' ? 400 : 500, { error: value });
      request.unpipe().resume(); // what is still on its way is thrown away for a moment, so that the answer arrives
      setTimeout(() => request.destroy(), 2000).unref();
    }
  }

  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const address = addressOf(request);
    if (isForeign(request)) return hangUp(socket, '403 Forbidden');
    if (address?.path !== '/socket') return hangUp(socket, '404 Not Found');
    if (sockets.clients.size >= maxClients) return hangUp(socket, '503 Service Unavailable');
    const authorised = tokenMatches(address.query.get('token'), token);
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (authorised) return attend(client);
      // A page sees the code of a close, but not the status of a refused handshake.
      client.on('error', () => client.terminate());
      client.close(closeCodes.wrongToken, 'wrong token');
      setTimeout(() => client.terminate(), 1000).unref();
    });
  });

  function attend(client: WebSocket): void {
    let alive = true;
    const connection = openConnection(
      service,
      (message) => {
        if (client.readyState !== client.OPEN) return;
        if (client.bufferedAmount > maxBufferedBytes) return client.close(closeCodes.tooSlow, 'too slow');
        client.send(pack(message));
      },
      log,
    );
    const heartbeat = setInterval(() => {
      if (!alive) return client.terminate();
      alive = false;
      client.ping();
    }, heartbeatMs);
    client.on('pong', () => (alive = true));
    client.on('message', (bytes: Buffer, binary: boolean) => {
      alive = true;
      let message: unknown;
      try {
        if (!binary) throw new Error('text');
        message = unpack(bytes);
      } catch {
        log.warn('Bytes that are not a message were refused.');
        return client.close(closeCodes.badMessage, 'not a message');
      }
      connection.receive(message);
    });
    client.on('error', (error) => log.warn(`A connection failed: ${error.message}`));
    client.on('close', () => {
      clearInterval(heartbeat);
      connection.close();
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new AtelierError('busy', `Port ${options.port} is in use.`, 'Choose another with --port, or 0 for a free one.') : toAtelierError(error, 'starting the web server'));
    });
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    address: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    token,
    async close() {
      for (const client of sockets.clients) client.close(closeCodes.shuttingDown, 'shutting down');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const patience = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
      }, 500);
      await closed;
      clearTimeout(patience);
    },
  };
}

/** Headers of every answer. Nothing but this server's own files runs, and no other page may frame or read them. */
function secure(request: IncomingMessage, response: ServerResponse, nonce: string): void {
  const port = request.socket.localPort;
  response.setHeader(
    'content-security-policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`, // libraries that need a style element may add it
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      "font-src 'self' data:",
      "worker-src 'self' blob:",
      "manifest-src 'self'",
      `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  if (request.method === 'POST') response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${message}\n`);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function hangUp(socket: Socket, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
