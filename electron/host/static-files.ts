import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
};

/**
 * Finds the file that a path of an address means.
 * @param path decoded, starting with a slash
 * @returns the real path and type, or null when there is no such file below `root` (links that lead out of it included)
 */
export async function findStatic(root: string, path: string): Promise<{ file: string; type: string; bytes: number } | null> {
  if (path.includes('\0') || path.includes('\\') || path.split('/').some((part) => part === '..' || part.startsWith('.'))) return null;
  try {
    const base = await realpath(root);
    const file = await realpath(join(base, path === '/' ? 'index.html' : path));
    if (!file.startsWith(base + sep)) return null;
    const found = await stat(file);
    const type = types[extname(file).toLowerCase()];
    return found.isFile() && type ? { file, type, bytes: found.size } : null;
  } catch {
    return null;
  }
}

/** @param nonce as in the policy of this answer; a page's own code finds it in `meta[property=csp-nonce]` */
export async function sendStatic(response: ServerResponse, found: { file: string; type: string; bytes: number }, nonce: string, headOnly: boolean): Promise<void> {
  if (found.type.startsWith('text/html')) {
    const page = (await readFile(found.file, 'utf8')).replace(/<head>/i, `<head>\n    <meta property="csp-nonce" nonce="${nonce}" />`);
    response.writeHead(200, { 'content-type': found.type, 'content-length': Buffer.byteLength(page), 'cache-control': 'no-store' });
    response.end(headOnly ? undefined : page);
    return;
  }
  // Files under assets/ carry a hash of their content in their name; everything else is asked for anew.
  const lasting = /[\\/]assets[\\/][^\\/]+-[\w-]{8}\.\w+$/.test(found.file);
  response.writeHead(200, {
    'content-type': found.type,
    'content-length': found.bytes,
    'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'no-store',
  });
  if (headOnly) response.end();
  else await pipeline(createReadStream(found.file), response);
}
