import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { cellsOf, codesOfPicture, gridInfos, gridsOfRun } from './picture-source.ts';
import { maskOf } from './where.ts';

/**
 * Draws a part of a picture's codes anew by the prior.
 * @throws AtelierError 'bad-input' for a run without a prior, and as `codesOfPicture` and `maskOf`
 */
export async function resample(request: ParsedInputOf<Calls['runs.resample']>, opened: OpenedRun): Promise<OutputOf<Calls['runs.resample']>> {
  const { trained } = opened;
  const { prior, info } = trained;
  if (!prior) throw new AtelierError('bad-input', `"${info.name}" has no prior to draw codes by.`, 'Train one with: atelier train prior --codes-of <run>.');
  const grids = gridsOfRun(trained);
  const mask = maskOf(request, grids);
  const { codes, label } = await codesOfPicture(request, opened);
  const { count, seed, temperature, topK, topP, guidance } = request;
  const labels = prior.conditional ? new Int32Array(count).fill(label) : undefined;
  const drawn = await prior.sample(count, { seed, temperature, topK, topP, guidance, label: request.label, labels, given: { codes, mask } });
  const { encodeSheet } = await import('../../image/index.ts');
  const { height, width, channels } = trained.model.input;
  const sheet = (values: Float32Array, n: number) => encodeSheet(values, n, height, width, channels as 1 | 3 | 4);
  const finest = grids[grids.length - 1];
  return {
    original: await sheet(await trained.decodeCodes(codes), 1),
    sheet: await sheet(await trained.decodeCodes(drawn), count),
    height: finest.height,
    width: finest.width,
    codes: { values: drawn, cells: cellsOf(grids), grids: gridInfos(grids) },
  };
}
