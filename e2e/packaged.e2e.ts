/** The packaged application is started and driven once; the runner names its program in ATELIER_PACKAGED (`npm run test:long`). */
import { expect, launchApp, test } from './support/app.ts';
import { dropPaths, finishImport, startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';

const executable = process.env.ATELIER_PACKAGED;

if (executable) {
  test('the packaged application imports, trains and shows a map', async () => {
    const atelier = await launchApp({ executable });
    try {
      const { page, app } = atelier;
      await untilReady(page);
      expect(await app.evaluate((electron) => electron.app.isPackaged)).toBe(true);
      const { folder } = await makePictures(12);
      await dropPaths(page, [folder]);
      await finishImport(page, folder, { sizePx: 32 });
      await startTraining(page, { data: 'shapes', name: 'Packaged', steps: 40, config: { hidden: 16, residualHidden: 8, codes: 32, codeSize: 8 } });
      await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 150_000 });
      await page.getByTestId('place-map').click();
      await expect(page.getByTestId('map-canvas')).toHaveAttribute('data-points', /^[1-9]\d*$/, { timeout: 60_000 });
      expect(atelier.complaints).toEqual([]);
    } finally {
      await atelier.close();
    }
  });
}
