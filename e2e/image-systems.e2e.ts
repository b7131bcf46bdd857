/** A day with priors and the guided path: pictures become samples in one job, a region is drawn anew, panels follow from the model. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, launchApp, test, type Launched } from './support/app.ts';
import { coloursOf, dropPaths, finishImport, startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
test.beforeAll(async () => {
  atelier = await launchApp();
  await atelier.page.emulateMedia({ reducedMotion: 'reduce' });
  await untilReady(atelier.page);
});
test.afterAll(() => atelier.close());

/** axe's rules on what is shown, contrast among them; two sizes, both themes. */
async function look(page: Page, name: string): Promise<void> {
  for (const [width, height, theme] of [[1280, 800, 'dark'], [1920, 1080, 'light']] as const) {
    const wanted = page.locator(`[data-testid=theme][aria-label="Use the ${theme === 'dark' ? 'light' : 'dark'} theme"]`);
    if ((await wanted.count()) === 0) await page.getByTestId('theme').dispatchEvent('click');
    await expect(wanted).toHaveCount(1);
    await atelier.app.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0].setContentSize(size.width, size.height), { width, height });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `test-results/screens/${name}-${width}-${theme}.png` });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().include('[data-testid="view-train"]').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), name).toEqual([]);
  }
}
const tab = (page: Page, name: string) => page.getByTestId('run-tabs').getByRole('radio', { name }).click();

test('from a dropped folder to samples in one job, paused and resumed on the way', async () => {
  test.setTimeout(360_000);
  const { page } = atelier;
  const { folder } = await makePictures(30);
  await dropPaths(page, [folder]);
  await finishImport(page, folder, { sizePx: 32 });
  await page.getByTestId('place-train').click();
  if (!(await page.getByTestId('composer').isVisible())) await page.getByTestId('train-new').click();
  await page.getByTestId('making').getByRole('radio', { name: 'From pictures to samples' }).click();
  await page.getByTestId('view-train').getByTestId('dataset-card').filter({ hasText: 'shapes' }).click();
  await page.getByTestId('path-limit').getByRole('radio', { name: 'Minutes' }).click();
  await page.locator('#path-minutes').fill('0.5');
  await page.locator('#path-minutes').press('Enter');
  await page.getByTestId('run-name').fill('Shapes');
  await expect(page.getByTestId('path-plan')).toContainText('VQ-VAE', { timeout: 60_000 });
  await expect(page.getByTestId('path-plan')).toContainText('3 classes');
  await look(page, 'path-composer');
  await page.getByTestId('composer-inspector').getByTestId('train-start').click();
  await expect(page.getByTestId('path-page')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('stage-codec')).toHaveAttribute('data-state', 'running', { timeout: 60_000 });
  await page.getByTestId('path-pause').click({ timeout: 60_000 });
  await expect(page.getByTestId('path-resume')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('path-resume').click();
  await expect(page.getByTestId('path-page')).toHaveAttribute('data-status', 'finished', { timeout: 220_000 });
  for (const stage of ['codec', 'codes', 'prior', 'samples', 'evaluation']) await expect(page.getByTestId(`stage-${stage}`)).toHaveAttribute('data-state', 'done');
  await expect(page.getByTestId('path-samples-sheet')).toBeVisible({ timeout: 60_000 });
  expect(await coloursOf(page.getByTestId('path-samples-sheet'))).toBeGreaterThan(10);
  await expect(page.getByTestId('path-evaluation')).toContainText('PSNR');
  await look(page, 'path-finished');
});

test('its prior draws by class, and draws a region anew', async () => {
  const { page } = atelier;
  await page.getByTestId('open-prior').click();
  await expect(page.getByTestId('run-page')).toBeVisible();
  await tab(page, 'Samples');
  await page.locator('#draw-count').fill('6');
  await page.locator('#draw-count').press('Enter');
  await page.getByTestId('draw-start').click();
  await expect(page.getByTestId('draw-sheet')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('draw')).toContainText('Columns go through the classes');
  await look(page, 'run-samples');
  await tab(page, 'Apply');
  const picker = page.getByTestId('region-picker').first();
  await expect(picker.locator('img')).toBeVisible({ timeout: 60_000 });
  await picker.focus();
  await page.keyboard.press('ArrowRight');
  await expect(picker).toHaveAttribute('aria-label', /Region of \d+ by \d+ codes/);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('resample-sheet')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('mix-result').locator('img')).toBeVisible({ timeout: 60_000 });
  await look(page, 'run-apply');
  await tab(page, 'Evaluate');
  await page.getByTestId('evaluate-start').click();
  await expect(page.getByTestId('evaluate-table')).toContainText('Bits per code', { timeout: 60_000 });
  await look(page, 'run-evaluate');
});

test('a prior can be composed over the codec, from the run that has the codes', async () => {
  const { page } = atelier;
  await page.getByTestId('run-row').filter({ hasText: 'Shapes: codec' }).click();
  await page.getByTestId('run-menu').click();
  await page.getByTestId('run-prior').click();
  await expect(page.getByTestId('codes-of').filter({ hasText: 'Shapes: codec' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('preset-few').click();
  await expect(page.locator('#config-codeDropout')).toHaveValue('0.2');
  await look(page, 'prior-composer');
});

test('a model with a vector has its dimensions and its plane', async () => {
  const { page } = atelier;
  await page.getByTestId('making').getByRole('radio', { name: 'A model' }).click();
  await startTraining(page, { data: 'shapes', name: 'Vector', family: 'vae', steps: 30 });
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 120_000 });
  await tab(page, 'Latent');
  await expect(page.getByTestId('traverse-sheet')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('manifold-sheet')).toBeVisible({ timeout: 60_000 });
  await look(page, 'run-latent');
});

test('a diagnosis prepares a repaired run', async () => {
  const { page } = atelier;
  // More codes than held-out pictures have marks: most are never used.
  await startTraining(page, { data: 'shapes', name: 'Unused', steps: 30, config: { hidden: 16, residualHidden: 8, codes: 2048, codeSize: 8, reviveEvery: 0 } });
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 120_000 });
  const remedy = page.getByTestId('remedy').first();
  await expect(remedy).toBeVisible();
  await remedy.click();
  await expect(page.getByTestId('composer')).toContainText('changed as advised');
  await page.locator('#run-name').fill('Repaired');
  await page.getByTestId('composer-inspector').getByTestId('train-start').click();
  await expect(page.getByTestId('run-name-title')).toHaveText('Repaired', { timeout: 60_000 });
});

test('the experiment in the plane plays, stops and steps', async () => {
  const { page } = atelier;
  await page.getByTestId('train-new').click();
  await page.getByTestId('toy-open').click();
  const plane = page.getByTestId('toy-plane');
  await expect(page.getByTestId('toy-variance-score')).toBeVisible();
  await expect(plane).toContainText('step 0 of 300');
  await page.getByTestId('toy-step').click();
  await expect(plane).toContainText('step 1 of 300');
  await page.getByTestId('toy-play').click();
  await expect(plane).toContainText(/step (1\d|[2-9]\d)/, { timeout: 20_000 });
  await page.getByTestId('toy-play').click();
  const variance = async (kind: string): Promise<number> => Number((await page.getByTestId(`toy-variance-${kind}`).locator('.value').textContent())!.replaceAll(',', ''));
  expect(await variance('score')).toBeGreaterThan(10 * (await variance('pathwise')));
  await look(page, 'toy');
});

test('nothing complained', () => expect(atelier.complaints).toEqual([]));
