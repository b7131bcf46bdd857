import { readFile } from 'node:fs/promises';
import { AtelierError, toAtelierError } from './errors.ts';

/** Version of the folders written by this application: runs, datasets, projects. Raised when older ones cannot read them. */
export const FORMAT_VERSION = 1;

/**
 * Reads a JSON record that carries `fileFormat` and `fileVersion`.
 * @param format what the record must say it is
 * @param what for messages: "the run", "the project"
 * @throws AtelierError 'not-found' | 'bad-data' | 'newer-version'
 */
export async function readRecord<T extends object>(path: string, format: string, what: string): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw toAtelierError(error, `opening ${what} at ${path}`);
  }
  const broken = (why: string): AtelierError => new AtelierError('bad-data', `${path} cannot be read as ${what}: ${why}.`, 'Restore the file from a copy, or remove this folder from the list.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken('it is not a record');
  const record = value as { fileFormat?: unknown; fileVersion?: unknown };
  if (record.fileFormat !== format) throw broken(`it says it is ${JSON.stringify(record.fileFormat) ?? 'nothing'} instead of "${format}"`);
  if (typeof record.fileVersion !== 'number') throw broken('it has no format version');
  if (record.fileVersion > FORMAT_VERSION) {
    throw new AtelierError('newer-version', `${path} was written by a newer version of Latent Atelier (format ${record.fileVersion}, this one reads up to ${FORMAT_VERSION}).`, 'Update Latent Atelier to open it; nothing was changed.');
  }
  const { fileFormat: _format, fileVersion: _version, ...rest } = value as Record<string, unknown>;
  return rest as T;
}

/** The text of a record for `readRecord`. */
export function recordText(format: string, value: object): string {
  return `${JSON.stringify({ fileFormat: format, fileVersion: FORMAT_VERSION, ...value }, null, 2)}\n`;
}
