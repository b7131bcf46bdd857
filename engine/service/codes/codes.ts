import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { cellsOf, checkedCodes, codesOfPicture, gridInfos, gridsOfRun } from './picture-source.ts';

/** A picture as the model writes it down. */
export async function codesOfOne(request: ParsedInputOf<Calls['runs.codes']>, opened: OpenedRun): Promise<OutputOf<Calls['runs.codes']>> {
  const { trained } = opened;
  const { codes, pixels } = await codesOfPicture(request, opened);
  const grids = gridsOfRun(trained);
  const { encodePicture } = await import('../../image/index.ts');
  const { height, width, channels } = trained.model.input;
  const picture = (values: Float32Array) => encodePicture(values, height, width, channels as 1 | 3 | 4);
  return {
    codes: { values: codes, cells: cellsOf(grids), grids: gridInfos(grids) },
    original: pixels && (await picture(pixels)),
    reconstruction: await picture(await trained.decodeCodes(codes)),
  };
}

/** What codes stand for. @throws AtelierError 'bad-input' for codes that cannot be */
export async function decodeOne({ codes }: ParsedInputOf<Calls['runs.decode']>, { trained }: OpenedRun): Promise<OutputOf<Calls['runs.decode']>> {
  const values = await trained.decodeCodes(checkedCodes(codes, gridsOfRun(trained)));
  const { encodePicture } = await import('../../image/index.ts');
  const { height, width, channels } = trained.model.input;
  return encodePicture(values, height, width, channels as 1 | 3 | 4);
}
