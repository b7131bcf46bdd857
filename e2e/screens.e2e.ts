/** Every place at two sizes in both themes: pictures for people in test-results/screens, and axe's rules on each. */
import { expect, launchApp, test, type Launched } from './support/app.ts';
import { dropPaths, finishImport, startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';
import { record as recordOf } from './support/record.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
test.beforeAll(async () => {
  atelier = await launchApp();
  await untilReady(atelier.page);
});
test.afterAll(() => atelier.close());

const record = (name: string): Promise<void> => recordOf(atelier, name);

test('empty places teach', async () => {
  const { page } = atelier;
  for (const place of ['map', 'train', 'data']) {
    await page.getByTestId(`place-${place}`).click();
    await expect(page.getByTestId(`view-${place}`)).toBeVisible();
    await record(`${place}-empty`);
  }
});

test('places at work and full', async () => {
  const { page } = atelier;
  const pictures = await makePictures(30);
  await dropPaths(page, [pictures.folder]);
  await expect(page.getByTestId('import-dialog')).toBeVisible();
  await record('import');
  await finishImport(page, pictures.folder, { sizePx: 32 });
  await record('data-full');
  await startTraining(page, { data: 'shapes', name: 'Shapes', steps: 2000, config: { hidden: 16, residualHidden: 8, codes: 32, codeSize: 8 } });
  await expect(page.getByTestId('recon-canvas')).toBeVisible({ timeout: 90_000 });
  await record('train-working');
  await page.getByTestId('place-map').click();
  await expect(page.getByTestId('map-canvas')).toHaveAttribute('data-points', /^[1-9]\d*$/, { timeout: 90_000 });
  await record('map-working');
  await page.getByTestId('job-line').getByTestId('job-cancel').click();
  await page.getByTestId('place-train').click();
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'cancelled', { timeout: 60_000 });
  await record('train-full');
});

test('palette, keys and queue', async () => {
  const { page } = atelier;
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette')).toBeVisible();
  await record('palette');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette')).toBeHidden();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await record('keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await expect(page.getByTestId('queue')).toBeVisible();
  await record('queue');
});

test('every control can be reached by the keyboard and shows its focus', async () => {
  const { page } = atelier;
  await page.getByTestId('place-train').click();
  const seen = new Set<string>();
  let unmarked = 0;
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (!element || element === document.body) return null;
      const { outlineStyle, boxShadow, borderColor } = getComputedStyle(element);
      return { what: element.dataset.testid ?? element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40) ?? '', marked: outlineStyle !== 'none' || boxShadow !== 'none' || borderColor !== '' };
    });
    if (!focus) continue;
    seen.add(focus.what);
    if (!focus.marked) unmarked++;
  }
  for (const id of ['place-map', 'place-train', 'place-data', 'search', 'theme', 'train-new']) expect([...seen]).toContain(id);
  expect(unmarked).toBe(0);
});
