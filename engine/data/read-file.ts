import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { AtelierError, toAtelierError } from '../core/errors.ts';

/** Larger files of arrays are refused before they fill the memory. */
export const MAX_ARRAY_BYTES = 4 * 2 ** 30 - 1;

const unzip = promisify(gunzip);
const mebibytes = (n: number): string => `${Math.round(n / 2 ** 20)} MB`;

/** First bytes of a file; fewer when it is shorter. */
export async function headOf(path: string, length: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
}

/**
 * A whole file, unpacked when it is gzip (seen from its first bytes).
 * @throws AtelierError 'not-found' | 'no-permission' | 'bad-data' when empty, damaged or too large
 */
export async function readMaybeGzip(path: string, limit = MAX_ARRAY_BYTES): Promise<Uint8Array> {
  const tooLarge = (n: string): AtelierError => new AtelierError('bad-data', `${path} has ${n}; such files are read up to ${mebibytes(limit)}.`, 'Split it, or export the pictures as PNG files in a folder.');
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > limit) throw tooLarge(mebibytes(size));
    bytes = await readFile(path);
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  if (bytes.length === 0) throw new AtelierError('bad-data', `${path} is empty (0 bytes).`, 'Copy or download it again.');
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`more than ${mebibytes(limit)} unpacked`);
    throw new AtelierError('bad-data', `${path} is a damaged or cut off gzip file.`, 'Copy or download it again.', { cause: error });
  }
}

/** Names, sizes and times of files as one string: changes when one of them does. */
export async function identityOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs } = await stat(path).catch((error: unknown) => Promise.reject(toAtelierError(error, `reading ${path}`)));
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** How the beginning of a file looks to a person: text in quotes, else hexadecimal. */
export function looksLike(head: Uint8Array): string {
  const some = head.subarray(0, 12);
  const text = Buffer.from(some).toString('latin1');
  return /^[\x20-\x7e\r\n\t]+$/.test(text) ? `text (${JSON.stringify(text)})` : Buffer.from(some.subarray(0, 4)).toString('hex').replace(/(..)(?=.)/g, '$1 ');
}
