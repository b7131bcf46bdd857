import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { cellsOf, codesOfPicture, gridInfos, gridsOfRun } from './picture-source.ts';
import { gridNamed, maskOf } from './where.ts';

/**
 * A picture from the codes of two: those of `b` in some grids and places, else those of `a`.
 * @throws AtelierError 'bad-input' when nothing is said of what comes from b, and as `codesOfPicture` and `maskOf`
 */
export async function mix(request: ParsedInputOf<Calls['runs.mix']>, opened: OpenedRun): Promise<OutputOf<Calls['runs.mix']>> {
  const { trained } = opened;
  const grids = gridsOfRun(trained);
  const { region, mask } = request;
  const everywhere = region === undefined && mask === undefined;
  if (everywhere && !request.grids?.length) {
    throw new AtelierError('bad-input', 'It must be said what is taken from the second picture.', `Name grids (${grids.map((g) => g.name).join(', ')}), a region, or both.`);
  }
  const chosen = request.grids?.map((name) => gridNamed(grids, name)) ?? grids;
  const places = everywhere ? null : maskOf({ region, mask }, grids);
  const a = await codesOfPicture(request.a, opened);
  const b = await codesOfPicture(request.b, opened);
  const codes = a.codes.slice();
  for (const { at, cells } of chosen) for (let cell = at; cell < at + cells; cell++) if (!places || places[cell]) codes[cell] = b.codes[cell];
  const all = new Int32Array(3 * codes.length);
  [a.codes, b.codes, codes].forEach((list, i) => all.set(list, i * codes.length));
  const pixels = await trained.decodeCodes(all);
  const { encodePicture, encodeSheet } = await import('../../image/index.ts');
  const { height, width, channels } = trained.model.input;
  const per = height * width * channels;
  return {
    originals: await encodeSheet(pixels.subarray(0, 2 * per), 2, height, width, channels as 1 | 3 | 4),
    mixed: await encodePicture(pixels.subarray(2 * per), height, width, channels as 1 | 3 | 4),
    codes: { values: codes, cells: cellsOf(grids), grids: gridInfos(grids) },
  };
}
