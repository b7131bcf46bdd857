import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AtelierError, toAtelierError } from '../../engine/core/errors.ts';

const maxNameLength = 100;
const maxDepth = 8;

/**
 * One file of a drop: `POST /upload?token=...&drop=<id>&path=<relative path>` with the file as its body. A browser has no
 * paths to give, so it sends the files of one drop one by one under one id; they land in `<folder>/<id>/<path>`.
 * @param folder where drops are kept, in the open project
 * @returns `root`: the folder of the drop (or, for a drop of one file, what to import), `path`: the file written; absolute
 * @throws AtelierError 'bad-input' on a bad id or path or too large a file; 'disk-full' and others of the disk
 */
export async function receiveUpload(request: IncomingMessage, query: URLSearchParams, folder: string, maxBytes: number): Promise<{ root: string; path: string; bytes: number }> {
  const drop = query.get('drop') ?? '';
  if (!/^[\w-]{1,64}$/.test(drop)) throw new AtelierError('bad-input', 'The upload has no proper id.', 'Reload the page and drop the files again.');
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);

  const root = join(folder, drop);
  const path = join(root, ...sanitise(query.get('path') ?? ''));
  const temporary = `${path}.part`;
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
  try {
    await mkdir(dirname(path), { recursive: true });
    // `pipe` leaves the request open when writing fails, so that the answer can still be sent.
    request.once('close', () => {
      if (!request.complete) counter.destroy(new AtelierError('cancelled', 'The upload was broken off.', 'Drop the files again.'));
    });
    request.pipe(counter);
    await pipeline(counter, createWriteStream(temporary, { flags: 'wx' }));
    await rename(temporary, path);
  } catch (error) {
    // Somebody else's half-written file of that name is theirs.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(temporary, { force: true });
    throw toAtelierError(error, 'taking the upload');
  }
  return { root, path, bytes };
}

/**
 * Turns a client's relative path into names that are safe on every disk. Folders survive, for they name the classes.
 * @throws AtelierError 'bad-input' when nothing is left, or it is nested too deep
 */
export function sanitise(path: string): string[] {
  const names = path
    .normalize('NFC')
    .split(/[\\/]+/)
    .map((name) => {
      // eslint-disable-next-line no-control-regex
      const clean = name.replace(/[\u0000-\u001f\u007f<>:"|?*]/g, '_').replace(/^[. ]+|[. ]+$/g, '');
      const safe = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(clean) ? `_${clean}` : clean;
      return safe.length <= maxNameLength ? safe : shorten(safe);
    })
    .filter((name) => name !== '');
  if (names.length === 0) throw new AtelierError('bad-input', 'An uploaded file has no name.', 'Rename the file and drop it again.');
  if (names.length > maxDepth) throw new AtelierError('bad-input', `"${path.slice(0, 200)}" lies more than ${maxDepth} folders deep.`, 'Drop a folder nearer to the files.');
  return names;
}

/** Keeps the ending, which says what the file is. */
function shorten(name: string): string {
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  return name.slice(0, maxNameLength - ending.length) + ending;
}

function tooLarge(maxBytes: number): AtelierError {
  return new AtelierError('bad-input', `A file is larger than ${Math.round(maxBytes / 2 ** 20)} MiB, the most that a browser may upload.`, 'Import it by its path with `atelier data import`, or in the desktop application.');
}
