import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 256 random bits, safe in an address. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Compares in constant time, whatever the lengths. */
export function tokenMatches(given: string | null, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(expected)) && given !== null;
}

/**
 * Whether a request was meant for this server: its Host header names the loopback interface (else a foreign name was pointed
 * at 127.0.0.1, "DNS rebinding") and its Origin, which browsers send with every WebSocket and POST, is the page we served.
 * Requests without an Origin come from programs, not from a foreign page; they still need the token.
 */
export function isForeign(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (!host || !/^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i.test(host)) return true;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return true;
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' && request.headers['sec-fetch-mode'] !== 'navigate';
}

/** Path and query of a request; null when they cannot be understood. */
export function addressOf(request: IncomingMessage): { path: string; query: URLSearchParams } | null {
  try {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    return { path: decodeURIComponent(url.pathname), query: url.searchParams };
  } catch {
    return null;
  }
}
