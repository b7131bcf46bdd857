/**
 * Errors a person can act on. Anything thrown across a public boundary of the engine is an `AtelierError`
 * or gets wrapped into one: `code` for programs, `message` says what happened and names the file,
 * `remedy` says what to do.
 */
export type ErrorCode =
  | 'bad-input' // the caller's arguments are off
  | 'bad-data' // a file exists but is not what it should be
  | 'not-found'
  | 'busy' // somebody else holds it (two jobs on one run)
  | 'newer-version' // written by a later version of the application
  | 'disk-full'
  | 'no-permission'
  | 'out-of-memory'
  | 'unavailable' // a device or an optional part is not there
  | 'diverged' // training produced NaN or infinite values
  | 'cancelled'
  | 'internal';

/** The plain value that crosses process borders. */
export interface ErrorValue {
  code: ErrorCode;
  message: string;
  remedy: string;
}

export class AtelierError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AtelierError';
    this.code = code;
    this.remedy = remedy;
  }

  toValue(): ErrorValue {
    return { code: this.code, message: this.message, remedy: this.remedy };
  }
}

const SYSTEM: Record<string, { code: ErrorCode; says: string; remedy: string }> = {
  ENOSPC: { code: 'disk-full', says: 'the disk is full', remedy: 'Free some space on the disk or choose another folder, then try again; what was saved before is intact.' },
  EDQUOT: { code: 'disk-full', says: 'the disk quota is used up', remedy: 'Free some space or choose another folder, then try again.' },
  EROFS: { code: 'no-permission', says: 'the disk is read-only', remedy: 'Choose a folder on a disk that can be written to.' },
  EACCES: { code: 'no-permission', says: 'permission was denied', remedy: 'Change the permissions of the file or choose another place.' },
  EPERM: { code: 'no-permission', says: 'the operation is not permitted', remedy: 'Change the permissions of the file or choose another place.' },
  ENOENT: { code: 'not-found', says: 'there is no such file or folder', remedy: 'Check the path.' },
  ENOTDIR: { code: 'bad-input', says: 'a part of the path is a file, not a folder', remedy: 'Check the path.' },
  EEXIST: { code: 'bad-input', says: 'a file of that name is in the way', remedy: 'Choose another name or folder.' },
  EISDIR: { code: 'bad-input', says: 'it is a folder where a file was expected', remedy: 'Name a file.' },
};

/**
 * Wraps whatever was thrown. System errors (ENOSPC, EACCES, ...) become the matching code and name the file.
 * @param doing what was being done, in the -ing form: "writing the checkpoint"
 */
export function toAtelierError(error: unknown, doing = 'working'): AtelierError {
  if (error instanceof AtelierError) return error;
  const e = error as NodeJS.ErrnoException;
  const known = e && typeof e.code === 'string' ? SYSTEM[e.code] : undefined;
  if (known) {
    const where = e.path ? ` (${e.path})` : '';
    return new AtelierError(known.code, `While ${doing}: ${known.says}${where}.`, known.remedy, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new AtelierError('internal', `While ${doing}: ${message}`, 'This is a fault of the application; the log has the details.', { cause: error });
}
