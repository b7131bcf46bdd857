/** A day of an artist with the sample that ships: generate, paint, redraw, go beyond the border, keep, animate, export. */
import AxeBuilder from '@axe-core/playwright';
import { mkdirSync, readdirSync } from 'node:fs';
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
const kept = (): string[] => readdirSync(gallery()).filter((name) => name.endsWith('.png'));

async function record(name: string): Promise<void> {
  const { page } = atelier;
  await page.screenshot({ path: join(folder, `studio-${name}.png`), animations: 'disabled' });
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('a class and a seed give pictures that go to the gallery, and the same ones again', async () => {
  const { page } = atelier;
  await page.getByTestId('studio-class').click();
  await page.getByRole('option').nth(1).click();
  await page.getByTestId('studio-count').fill('4');
  await page.getByTestId('studio-count').press('Enter');
  await page.getByTestId('studio-seed').fill('7');
  await page.getByTestId('studio-seed').press('Enter');
  await page.getByTestId('studio-generate').click();
  await expect(page.getByTestId('generate-done')).toContainText('4 pictures', { timeout: 60_000 });
  await expect(page.getByTestId('gallery-item')).toHaveCount(4);
  expect(kept()).toHaveLength(4);
  await expect(page.getByTestId('studio-seed')).toHaveValue('8');
  await record('generated');
});

test('a picture is painted on, undone, redrawn where it is marked, and grows', async () => {
  const { page } = atelier;
  await page.getByTestId('generated').getByRole('button').first().click();
  const canvas = page.getByTestId('canvas-overlay');
  await expect(canvas).toBeVisible();
  await expect(page.getByTestId('canvas-undo')).toBeDisabled();
  await page.getByTestId('code-palette').getByRole('radio').nth(6).click({ timeout: 60_000 });
  await page.getByTestId('tool-paint').click();
  const box = (await canvas.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4, { steps: 8 });
  await page.mouse.up();
  await expect(page.getByTestId('canvas-undo')).toBeEnabled();
  await record('painted');
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('canvas-undo')).toBeDisabled();

  // By keyboard alone: the cursor is moved, cells are marked, the prior draws.
  await page.keyboard.press('m');
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('variants').getByRole('button')).toHaveCount(6, { timeout: 60_000 });
  await page.getByTestId('variants').getByRole('button').nth(2).click();
  await record('redrawn');

  const before = (await canvas.getAttribute('aria-label'))!;
  await page.getByTestId('grow-right').click();
  await expect(canvas).not.toHaveAttribute('aria-label', before);
  await expect(canvas).toHaveAttribute('aria-label', /Canvas of 18 by 16 codes/, { timeout: 60_000 });
  await expect(page.getByTestId('grow-right')).toBeEnabled({ timeout: 60_000 });
  await page.getByTestId('canvas-keep').click();
  await expect.poll(() => kept().length).toBe(5);
});

test('a canvas is saved under a name and opened again', async () => {
  const { page } = atelier;
  await page.keyboard.press('Control+s');
  const field = page.getByRole('dialog').getByRole('textbox');
  await field.fill('Wide one');
  await field.press('Enter');
  const saved = page.getByRole('button', { name: 'Wide one', exact: true });
  await expect(saved).toBeVisible();
  await page.getByTestId('studio-items').getByRole('button').first().click();
  await expect(page.getByTestId('canvas-overlay')).toHaveAttribute('aria-label', /16 by 16/);
  await saved.click();
  await expect(page.getByTestId('canvas-overlay')).toHaveAttribute('aria-label', /18 by 16/);
});

test('a file that is no picture is refused by name, and the canvas stays', async () => {
  const { page } = atelier;
  await page.getByTestId('studio-file').setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture at all') });
  await expect(page.getByText(/is not a whole picture/)).toBeVisible();
  await expect(page.getByTestId('canvas-overlay')).toHaveAttribute('aria-label', /18 by 16/);
});

test('chosen pictures become a film', async () => {
  const { page } = atelier;
  const items = page.getByTestId('gallery-item');
  await items.nth(1).click();
  await items.nth(2).click({ modifiers: ['Control'] });
  await page.getByRole('radio', { name: 'Animate' }).click();
  await page.getByTestId('animate-add').click();
  await expect(page.getByTestId('animate-keys').getByRole('listitem')).toHaveCount(2);
  await page.getByTestId('animate-preview').click();
  await expect(page.getByTestId('animate-canvas')).toBeVisible({ timeout: 60_000 });
  await record('animated');
});

test('removing can be undone, and nothing complained', async () => {
  const { page } = atelier;
  await page.getByTestId('gallery-item').nth(0).click();
  await page.getByTestId('gallery-remove').click();
  await expect.poll(() => kept().length).toBe(4);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect.poll(() => kept().length).toBe(5);
  expect(atelier.complaints).toEqual([]);
});
