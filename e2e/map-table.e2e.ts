/** A researcher's day: embeddings from elsewhere, selected, searched, laid out anew and taken away again. */
import AxeBuilder from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, launchApp, test, type Launched } from './support/app.ts';
import { coloursOf, dropPaths, untilReady } from './support/acts.ts';
import { makeTable } from './support/tables.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
const table = makeTable();
test.beforeAll(async () => {
  atelier = await launchApp();
  await untilReady(atelier.page);
});
test.afterAll(() => atelier.close());

const canvasOf = (page: Page) => page.getByTestId('map-canvas');
const chosen = async (page: Page): Promise<number> => Number(await canvasOf(page).getAttribute('data-chosen'));

/** Draws over the map with a tool, from corner to corner of its middle part. */
async function drag(page: Page, corners: [number, number][], held?: 'Shift' | 'Alt'): Promise<void> {
  const box = (await canvasOf(page).boundingBox())!;
  const at = ([x, y]: [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  if (held) await page.keyboard.down(held);
  await page.mouse.move(...at(corners[0]));
  await page.mouse.down();
  for (const corner of corners.slice(1)) await page.mouse.move(...at(corner), { steps: 4 });
  await page.mouse.up();
  if (held) await page.keyboard.up(held);
}

test('a dropped table opens as a map, coloured by its classes', async () => {
  const { page } = atelier;
  await dropPaths(page, [table.path]);
  const canvas = canvasOf(page);
  await expect(canvas).toHaveAttribute('data-points', String(table.rows), { timeout: 60_000 });
  await expect(page.getByTestId('map-run')).toContainText(table.name);
  await expect(canvas).toHaveAttribute('data-colour-by', 'label');
  await expect(page.getByTestId('map-class')).toHaveCount(4);
  expect(await coloursOf(canvas)).toBeGreaterThan(5);
});

test('box, lasso and brush select; shift adds, undo and redo go back and forth', async () => {
  const { page } = atelier;
  await canvasOf(page).focus();
  await page.keyboard.press('b');
  await drag(page, [[0.4, 0.5], [0.6, 0.84]]);
  const boxed = await chosen(page);
  expect(boxed).toBeGreaterThan(20);
  await page.keyboard.press('l');
  await drag(page, [[0.24, 0.14], [0.96, 0.14], [0.96, 0.84], [0.24, 0.84]]);
  const lassoed = await chosen(page);
  expect(lassoed).toBeGreaterThan(boxed);
  await page.keyboard.press('u');
  await drag(page, [[0.4, 0.62], [0.6, 0.62]], 'Alt');
  expect(await chosen(page)).toBeLessThan(lassoed);
  await page.keyboard.press('Control+z');
  expect(await chosen(page)).toBe(lassoed);
  await page.keyboard.press('Control+z');
  expect(await chosen(page)).toBe(boxed);
  await page.keyboard.press('Control+Shift+z');
  expect(await chosen(page)).toBe(lassoed);
  await page.keyboard.press('Shift+I');
  expect(await chosen(page)).toBe(table.rows - lassoed);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  expect(await chosen(page)).toBe(0);
});

test('an expression selects what it says; a wrong one is told where it is wrong', async () => {
  const { page } = atelier;
  await canvasOf(page).focus();
  await page.keyboard.press('e');
  const field = page.getByTestId('map-expression');
  await field.fill('lable = 3');
  await expect(page.getByTestId('map-expression-told')).toHaveAttribute('role', 'alert');
  await expect(page.getByTestId('map-expression-told')).toContainText('label');
  await field.fill("label = 'fish' and score > 6");
  await field.press('Enter');
  // Scores run from 0 to 9 in turn, of which 7, 8 and 9 are above 6: of the fish, rows 2, 6, 10, ..., the even ones only.
  const fish = Array.from({ length: table.rows }, (_, i) => i).filter((i) => i % 4 === 2 && i % 10 > 6).length;
  await expect.poll(() => chosen(page)).toBe(fish);
  await field.press('Escape');
  await expect(field).toBeHidden();
  await page.getByTestId('map-selected-count').click();
  await expect(page.getByTestId('map-selection')).toContainText('fish');
});

test('a selection grows by its neighbours in the original space', async () => {
  const { page } = atelier;
  const before = await chosen(page);
  await page.getByTestId('map-grow').click();
  await expect.poll(() => chosen(page)).toBeGreaterThan(before);
  // All neighbours of fish are fish.
  await page.getByTestId('map-panel').getByRole('radio', { name: 'Selected' }).click();
  await expect(page.getByTestId('map-table')).toContainText('fish-');
  await expect(page.getByTestId('map-table')).not.toContainText('boat-');
});

test('the table and the map are in step; an item shows its metadata and neighbours', async () => {
  const { page } = atelier;
  await page.getByTestId('map-table').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const row = page.getByTestId('map-table').locator('[aria-selected="true"]');
  await expect(row).toHaveCount(1);
  const name = (await row.textContent())!.match(/fish-\d+/)![0];
  await page.getByTestId('map-panel').getByRole('radio', { name: 'Item' }).click();
  await expect(page.getByTestId('map-inspector')).toContainText(name);
  await expect(page.getByTestId('map-inspector')).toContainText('score');
  await expect(page.getByTestId('map-neighbour').first()).toContainText('fish-');
  await page.getByTestId('map-neighbour').first().click();
  await expect(page.getByTestId('map-inspector')).not.toContainText(`name${name}`);
});

test('a search finds rows by name', async () => {
  const { page } = atelier;
  await page.keyboard.press('Control+f');
  await page.getByTestId('map-search').fill('tree-7');
  const found = page.getByRole('option', { name: /tree-7/ }).first();
  await expect(found).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('map-inspector')).toContainText('tree-7');
});

test('the legend filters, and colours go by a number too', async () => {
  const { page } = atelier;
  await page.getByTestId('map-class').filter({ hasText: 'bird' }).click();
  await expect(page.getByText('Show all classes')).toBeVisible();
  await page.getByText('Show all classes').click();
  await page.getByTestId('map-colour-by').click();
  await page.getByRole('option', { name: /^score/ }).click();
  await expect(canvasOf(page)).toHaveAttribute('data-colour-by', 'score');
});

test('the points are laid out by UMAP while one watches', async () => {
  const { page } = atelier;
  await page.getByTestId('map-lay-out').click();
  await expect(page.getByTestId('layout-dialog')).toBeVisible();
  await page.getByTestId('layout-start').click();
  await expect(page.getByTestId('layout-dialog')).toBeHidden();
  await expect(page.getByTestId('map-layout')).toContainText(/umap/i, { timeout: 120_000 });
  expect(await coloursOf(canvasOf(page))).toBeGreaterThan(5);
});

test('a selection is written as csv with its columns', async () => {
  const { page } = atelier;
  const out = join(dirname(table.path), 'out.csv');
  await atelier.app.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = (async () => ({ canceled: false, filePath: path })) as typeof dialog.showSaveDialog;
  }, out);
  await canvasOf(page).focus();
  await page.keyboard.press('e');
  await page.getByTestId('map-expression').fill("label = 'boat'");
  await page.getByTestId('map-expression').press('Enter');
  await expect.poll(() => chosen(page)).toBe(table.perClass);
  await page.getByTestId('map-expression').press('Escape');
  await page.getByTestId('map-selected-count').click();
  await page.getByTestId('map-export').click();
  await page.getByTestId('export-csv').click();
  await expect
    .poll(() => {
      try {
        return readFileSync(out, 'utf8').trim().split('\n').length;
      } catch {
        return 0;
      }
    }, { timeout: 30_000 })
    .toBe(table.perClass + 1);
  expect(readFileSync(out, 'utf8').split('\n')[0]).toContain('label');
});

test('a table that cannot be read says so, and what to do', async () => {
  const { page } = atelier;
  const { writeFileSync } = await import('node:fs');
  const broken = join(dirname(table.path), 'broken.npy');
  writeFileSync(broken, 'This is no array.');
  await dropPaths(page, [broken]);
  await expect(page.getByText(/broken\.npy/).first()).toBeVisible();
  await expect(page.getByTestId('map-run')).toContainText(table.name);
});

test('nobody is shut out: no violations of WCAG, and nothing complained', async () => {
  const { page } = atelier;
  await page.screenshot({ path: 'test-results/screens/map-table.png' });
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().disableRules(['color-contrast']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([]);
  expect(atelier.complaints).toEqual([]);
});
