import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { contentPolicy, findPage, withNonce } from './pages.ts';

/** Must run before the application is ready. */
export function announcePageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } }]);
}

/** Serves the built renderer under `app://atelier/` and nothing else. */
export function servePages(session: Session, root: string): void {
  session.protocol.handle('app', async (request) => {
    const headers: Record<string, string> = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-cache' };
    const found = request.method === 'GET' ? await findPage(root, request.url) : null;
    if (!found) return new Response('There is no such page.', { status: 404, headers: { ...headers, 'content-type': 'text/plain' } });
    headers['content-type'] = found.type;
    const bytes = await readFile(found.file);
    if (!found.type.startsWith('text/html')) return new Response(new Uint8Array(bytes), { headers });
    const nonce = randomBytes(18).toString('base64');
    return new Response(withNonce(bytes.toString('utf8'), nonce), { headers: { ...headers, 'content-security-policy': contentPolicy(nonce) } });
  });
}
