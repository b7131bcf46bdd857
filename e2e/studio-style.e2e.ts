/** The second half of an artist's day: attributes, the codes of a second picture, a repair, and a picture in another style. */
import AxeBuilder from '@axe-core/playwright';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, launchApp, root, test, type Launched } from './support/app.ts';
import { untilReady } from './support/acts.ts';

test.describe.configure({ mode: 'serial' });
const folder = join(root, 'test-results', 'screens');
let atelier: Launched;

test.beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  atelier = await launchApp();
  await untilReady(atelier.page);
  await atelier.page.getByTestId('place-studio').click();
  await expect(atelier.page.getByTestId('studio-generate')).toBeEnabled({ timeout: 60_000 });
});
test.afterAll(() => atelier.close());

const gallery = (): string => join(atelier.home, 'sample', 'gallery');
const kept = (): string[] => (existsSync(gallery()) ? readdirSync(gallery()).filter((name) => name.endsWith('.png')) : []);
const slider = (within: string, n = 0) => atelier.page.getByTestId(within).getByRole('slider').nth(n);

async function record(name: string): Promise<void> {
  const { page } = atelier;
  for (const [width, height, colorScheme] of [[1280, 800, 'dark'], [1920, 1080, 'light']] as const) {
    await page.emulateMedia({ colorScheme });
    await atelier.app.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0].setContentSize(size.width, size.height), { width, height });
    await page.screenshot({ path: join(folder, `studio-${name}-${width}-${colorScheme}.png`), animations: 'disabled' });
  }
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('a picture moves along an attribute by the keyboard, and back to what it was', async () => {
  const { page } = atelier;
  await page.keyboard.press('w');
  await expect(page.getByText('Put a picture on the canvas first')).toBeVisible();
  await page.getByTestId('studio-items').getByRole('button').nth(3).click();
  await expect(page.getByTestId('canvas-overlay')).toHaveAttribute('aria-label', /16 by 16/, { timeout: 60_000 });
  const undo = page.getByTestId('canvas-undo');
  await expect(undo).toBeDisabled();
  await slider('studio-attributes').focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(undo).toBeEnabled({ timeout: 60_000 });
  await record('attributes');
  await page.getByTestId('attributes-reset').click();
  await expect(undo).toBeDisabled({ timeout: 60_000 });
});

test('what a prior finds unlikely is drawn anew, and other repairs can be tried', async () => {
  const { page } = atelier;
  await page.getByTestId('recover').click();
  await expect(page.getByTestId('repairs').getByRole('button')).toHaveCount(6, { timeout: 60_000 });
  await expect(page.getByTestId('canvas-undo')).toBeEnabled();
  await page.getByTestId('repairs').getByRole('button').nth(2).click();
  await record('recovered');
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('canvas-undo')).toBeDisabled();
});

test('codes of a second picture go where the canvas is marked', async () => {
  const { page } = atelier;
  await page.getByTestId('mix-file').setInputFiles(join(root, 'assets', 'icons', 'icon-256.png'));
  await expect(page.getByTestId('mix-apply')).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('m');
  await page.getByTestId('canvas-overlay').focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowDown');
  await page.getByTestId('mix-apply').click();
  await expect(page.getByTestId('canvas-undo')).toBeEnabled();
});

test('a picture that was never seen is drawn in a style, in a mixture, compared and kept with its recipe', async () => {
  const { page } = atelier;
  await page.keyboard.press('s');
  await expect(page.getByTestId('style-pair')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('studio-file').setInputFiles(join(root, 'assets', 'icons', 'icon-256.png'));
  await expect(page.getByTestId('style-done')).toContainText('128 × 128', { timeout: 60_000 });
  const cards = page.getByTestId('style-cards').getByRole('button');
  await cards.nth(0).click();
  await cards.nth(1).click({ modifiers: ['Control'] });
  await expect(page.getByTestId('style-cards').locator('[aria-pressed="true"]')).toHaveCount(2);
  await page.keyboard.press('x');
  await page.keyboard.press('x');
  await slider('style-split').focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByTestId('style-cards').locator('img')).toHaveCount(3, { timeout: 60_000 });
  await record('style');
  await page.getByTestId('style-keep').click();
  await expect.poll(() => kept().length, { timeout: 60_000 }).toBe(1);
  const text = readFileSync(join(gallery(), kept()[0])).toString('latin1');
  expect(text).toContain('"kind":"transfer"');
  expect(text).toMatch(/"styles":\{"\w+":0\.5,"\w+":0\.5\}/);
});

test('a file that is no picture is refused by name, and nothing else complained', async () => {
  const { page } = atelier;
  await page.getByTestId('studio-file').setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture at all') });
  await expect(page.getByText(/is not a whole picture/)).toBeVisible({ timeout: 60_000 });
  expect(atelier.complaints).toEqual([]);
});
