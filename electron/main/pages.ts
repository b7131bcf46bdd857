import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** The scheme and host under which the page is served. */
export const pageOrigin = 'app://atelier';
export const pageAddress = `${pageOrigin}/index.html`;

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Whether an address belongs to our page; anything else is refused everywhere. */
export function isOurPage(address: string): boolean {
  try {
    const url = new URL(address);
    return url.protocol === 'app:' && url.host === 'atelier';
  } catch {
    return false;
  }
}

/**
 * Finds the file below `root` that an address of the page means.
 * @returns null when there is none, its type is unknown, or the way leads out of `root` (by dots, encoded or not, or by a link)
 */
export async function findPage(root: string, address: string): Promise<{ file: string; type: string } | null> {
  if (!isOurPage(address)) return null;
  try {
    const path = decodeURIComponent(new URL(address).pathname);
    if (path.includes('\0') || path.includes('\\') || path.split('/').some((part) => part.startsWith('.'))) return null;
    const base = await realpath(root);
    const file = await realpath(join(base, path === '/' ? 'index.html' : path));
    const type = types[extname(file).toLowerCase()];
    return type && file.startsWith(base + sep) && (await stat(file)).isFile() ? { file, type } : null;
  } catch {
    return null;
  }
}

/**
 * The policy of one answer. Only our own files run; `nonce` lets libraries that need a style element add it.
 * @param nonce fresh for each document
 */
export function contentPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** Puts the nonce where a page's own code can read it: `document.querySelector('meta[property=csp-nonce]').nonce`. */
export function withNonce(html: string, nonce: string): string {
  return html.replace(/<head>/i, `<head>\n    <meta property="csp-nonce" nonce="${nonce}" />`);
}
