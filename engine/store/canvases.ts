/** Canvases of a project that can be gone on with: `canvases/<id>.json`. */
import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canvasDocument, type CanvasDocument, type CanvasDocumentInfo } from '../../electron/contract/studio.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';

const FORMAT = 'latent-atelier-canvas';
const fileOf = (project: string, id: string): string => join(resolve(project), 'canvases', `${id}.json`);

/** @param id of the canvas to replace; unset: a new one @throws AtelierError 'disk-full' | 'no-permission' */
export async function saveCanvas(project: string, document: CanvasDocument, id: string = randomBytes(6).toString('hex')): Promise<CanvasDocumentInfo> {
  await writeFileAtomic(fileOf(project, id), recordText(FORMAT, document), `saving the canvas "${document.name}"`);
  return { id, name: document.name, run: document.run, at: new Date().toISOString() };
}

/** @throws AtelierError 'not-found' | 'bad-data' | 'newer-version' */
export async function openCanvas(project: string, id: string): Promise<CanvasDocument> {
  const path = fileOf(project, id);
  const found = canvasDocument.safeParse(await readRecord(path, FORMAT, 'a canvas'));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new AtelierError('bad-data', `${path} cannot be read as a canvas: ${issue.path.join('.')}: ${issue.message}.`, 'Restore the file from a copy, or remove it.');
}

/** The last changed first; damaged ones are left out. */
export async function listCanvases(project: string): Promise<CanvasDocumentInfo[]> {
  const names = (await readdir(join(resolve(project), 'canvases')).catch(() => [])).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const found = await Promise.all(
    names.map(async (name): Promise<CanvasDocumentInfo | null> => {
      const id = name.slice(0, -'.json'.length);
      try {
        const { name: title, run } = await openCanvas(project, id);
        return { id, name: title, run, at: (await stat(fileOf(project, id))).mtime.toISOString() };
      } catch {
        return null;
      }
    }),
  );
  return found.filter((info) => info !== null).sort((a, b) => b.at.localeCompare(a.at));
}

/** @throws AtelierError 'not-found' */
export async function removeCanvas(project: string, id: string): Promise<void> {
  await rm(fileOf(project, id)).catch((error: unknown) => Promise.reject(toAtelierError(error, `removing ${fileOf(project, id)}`)));
}
