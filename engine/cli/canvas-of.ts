import { AtelierError } from '../core/errors.ts';
import type { Context } from './context.ts';

/** The codes of an item of the run's data or of a file. @throws AtelierError 'bad-input' for both or neither */
export async function canvasOf(context: Context, run: string, { item, file, step }: { item?: number; file?: string; step?: number }): Promise<{ codes: Int32Array; rows: number; columns: number }> {
  if ((item === undefined) === (file === undefined)) throw new AtelierError('bad-input', 'It must be said which picture is meant.', 'Name either a file or, with --item, an item of the run\'s data.');
  const { codes, rows, columns, notes } = await context.call('studio.encode', { run: context.run(run), step, item, path: file === undefined ? undefined : context.path(file) });
  for (const note of notes) context.note(note);
  return { codes, rows, columns };
}
