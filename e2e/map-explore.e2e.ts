/** What a generative run adds to a map: searches over its items, paths, attributes, the spread of an item, traversals. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, launchApp, test, type Launched } from './support/app.ts';
import { coloursOf, dropPaths, finishImport, startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
let folder = '';
test.beforeAll(async () => {
  test.setTimeout(300_000);
  atelier = await launchApp();
  const { page } = atelier;
  await untilReady(page);
  folder = (await makePictures()).folder;
  await dropPaths(page, [folder]);
  await finishImport(page, folder, { sizePx: 32 });
  await startTraining(page, { data: 'shapes', name: 'Explored', family: 'vae', steps: 60 });
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 200_000 });
  await page.keyboard.press('1');
  await expect(page.getByTestId('map-canvas')).toHaveAttribute('data-points', /^[1-9]\d*$/, { timeout: 60_000 });
});
test.afterAll(() => atelier.close());

const canvasOf = (page: Page) => page.getByTestId('map-canvas');
const chosen = async (page: Page): Promise<number> => Number(await canvasOf(page).getAttribute('data-chosen'));

async function select(page: Page, expression: string): Promise<void> {
  await canvasOf(page).focus();
  await page.keyboard.press('e');
  const field = page.getByTestId('map-expression');
  await field.fill(expression);
  await field.press('Enter');
  await expect(page.getByTestId('map-selected-count')).toHaveAttribute('title', new RegExp(expression));
  await field.press('Escape');
}

test('items of a run are selected by expression too', async () => {
  const { page } = atelier;
  await expect(page.getByTestId('map-expression-toggle')).toBeEnabled({ timeout: 30_000 });
  await select(page, "label = 'discs'");
  const discs = await chosen(page);
  expect(discs).toBeLessThan(Number(await canvasOf(page).getAttribute('data-points')));
  await page.getByTestId('map-selected-count').click();
  await expect(page.getByTestId('map-selection')).toContainText('discs');
});

test('an attribute leads from one selection to another', async () => {
  const { page } = atelier;
  await page.getByTestId('attribute-from').click();
  await select(page, "label = 'bars'");
  await page.getByTestId('attribute-to').click();
  await expect(page.getByTestId('attribute-told')).toContainText('% of them apart', { timeout: 30_000 });
  await page.getByTestId('map-panel').getByRole('radio', { name: 'Selected' }).click();
  await page.getByTestId('map-table').focus();
  await page.keyboard.press('Home');
  await page.getByTestId('map-panel').getByRole('radio', { name: 'Item' }).click();
  await page.getByTestId('explore-vary').click();
  await expect(page.getByTestId('explore-vary')).toHaveAttribute('aria-pressed', 'true', { timeout: 30_000 });
  const strip = page.getByTestId('map-explore').getByRole('button', { name: /^Attribute, / });
  await expect(page.getByTestId('map-explore').getByRole('alert')).toBeHidden();
  await expect(strip).toHaveCount(17, { timeout: 60_000 });
  expect(await coloursOf(strip.first())).toBeGreaterThan(3);
});

test('the spread of an item is drawn, and its dimensions are traversed', async () => {
  const { page } = atelier;
  await page.getByTestId('explore-spread').click();
  await expect(page.getByTestId('explore-spread')).toHaveAttribute('aria-pressed', 'true', { timeout: 30_000 });
  await page.getByTestId('explore-trails').click();
  await expect(page.getByTestId('map-explore').getByRole('group', { name: /^Dimension / }).first()).toBeVisible({ timeout: 60_000 });
  await page.screenshot({ path: 'test-results/screens/map-explore.png' });
});

test('a path through points and empty space is decoded, played, and kept as a film', async () => {
  const { page } = atelier;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await canvasOf(page).focus();
  await page.keyboard.press('k');
  const bar = page.getByTestId('map-path');
  await expect(bar).toBeVisible();
  const box = (await canvasOf(page).boundingBox())!;
  for (const [x, y] of [[0.4, 0.4], [0.55, 0.5], [0.65, 0.35]]) await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
  await expect(bar).toHaveAttribute('data-frames', '24', { timeout: 60_000 });
  await page.getByTestId('path-mode').getByRole('radio', { name: 'Along the data' }).click();
  await expect(bar).toHaveAttribute('data-frames', '24', { timeout: 60_000 });
  await page.getByTestId('path-play').click();
  await expect(bar).toContainText(/[5-9] of 24/, { timeout: 10_000 });
  await page.screenshot({ path: 'test-results/screens/map-path.png' });
  const out = join(dirname(folder), 'path.gif');
  await atelier.app.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = (async () => ({ canceled: false, filePath: path })) as typeof dialog.showSaveDialog;
  }, out);
  await page.getByTestId('path-film').click();
  await expect
    .poll(() => {
      try {
        return readFileSync(out).subarray(0, 3).toString();
      } catch {
        return '';
      }
    }, { timeout: 60_000 })
    .toBe('GIF');
  await canvasOf(page).focus();
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
});

test('nothing complained', () => expect(atelier.complaints).toEqual([]));
