/** What a generative run adds to a map, each tool once in a window: searches, attributes, spread, traversals, paths and films, other models, trails, kept views, pictures. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, launchApp, test, type Launched } from './support/app.ts';
import { coloursOf, dropPaths, finishImport, startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';
import { record, setSize } from './support/record.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
let folder = '';
test.beforeAll(async () => {
  test.setTimeout(400_000);
  atelier = await launchApp();
  const { page } = atelier;
  await setSize(atelier, 1280, 800);
  await untilReady(page);
  folder = (await makePictures()).folder;
  await dropPaths(page, [folder]);
  await finishImport(page, folder, { sizePx: 32 });
  for (const [name, steps] of [['Other', 20], ['Explored', 60]] as const) {
    await startTraining(page, { data: 'shapes', name, family: 'vae', steps });
    await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 200_000 });
  }
  await page.keyboard.press('1');
  await expect(canvasOf(page)).toHaveAttribute('data-points', /^[1-9]\d*$/, { timeout: 60_000 });
  await expect(page.getByTestId('map-run')).toContainText('Explored');
  await atelier.app.evaluate(({ session, dialog }, into) => {
    session.defaultSession.on('will-download', (_event, item) => item.setSavePath(`${into}/${item.getFilename()}`));
    dialog.showSaveDialog = (async (_window: unknown, options: { defaultPath?: string }) => ({ canceled: false, filePath: `${into}/${options.defaultPath?.split('/').pop()}` })) as unknown as typeof dialog.showSaveDialog;
  }, dirname(folder));
});
test.afterAll(() => atelier.close());

const canvasOf = (page: Page) => page.getByTestId('map-canvas');
const chosen = async (page: Page): Promise<number> => Number(await canvasOf(page).getAttribute('data-chosen'));

/** A file that the window hands over, once it is whole: its first bytes as text. */
async function written(name: string, bytes: number): Promise<Buffer> {
  const path = join(dirname(folder), name);
  let last = -1;
  await expect
    .poll(() => {
      const size = existsSync(path) ? statSync(path).size : 0;
      const whole = size > 0 && size === last;
      last = size;
      return whole;
    }, { timeout: 90_000, intervals: [400] })
    .toBe(true);
  return readFileSync(path).subarray(0, bytes);
}

async function select(page: Page, expression: string): Promise<void> {
  await canvasOf(page).focus();
  await page.keyboard.press('e');
  const field = page.getByTestId('map-expression');
  await field.fill(expression);
  await field.press('Enter');
  await expect(page.getByTestId('map-selected-count')).toHaveAttribute('title', new RegExp(expression));
  await field.press('Escape');
}

const tab = (page: Page, name: string) => page.getByTestId('map-panel').getByRole('radio', { name: new RegExp(`^${name}`) });

test('items of a run are selected by expression, taken back, and grown by their neighbours', async () => {
  const { page } = atelier;
  await expect(page.getByTestId('map-expression-toggle')).toBeEnabled({ timeout: 60_000 });
  await select(page, "label = 'discs'");
  const discs = await chosen(page);
  expect(discs).toBeLessThan(Number(await canvasOf(page).getAttribute('data-points')));
  await page.getByTestId('map-grow').click();
  await expect.poll(() => chosen(page)).toBeGreaterThan(discs);
  await page.getByTestId('map-undo').click();
  await expect.poll(() => chosen(page)).toBe(discs);
  await page.getByTestId('map-selected-count').click();
  await expect(page.getByTestId('map-selection')).toContainText('discs');
});

test('an attribute leads from one selection to another', async () => {
  const { page } = atelier;
  await page.getByTestId('attribute-from').click();
  await select(page, "label = 'bars'");
  await page.getByTestId('attribute-to').click();
  await expect(page.getByTestId('attribute-told')).toContainText('% of them apart', { timeout: 30_000 });
  await tab(page, 'Selected').click();
  await page.getByTestId('map-table').focus();
  await page.keyboard.press('Home');
  await tab(page, 'Item').click();
  await page.getByTestId('explore-vary').click();
  await expect(page.getByTestId('explore-vary')).toHaveAttribute('aria-pressed', 'true', { timeout: 60_000 });
  const strip = page.getByTestId('map-explore').getByRole('button', { name: /^Attribute, / });
  await expect(page.getByTestId('map-explore').getByRole('alert')).toBeHidden();
  await expect(strip).toHaveCount(17, { timeout: 60_000 });
  await strip.first().scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  expect(await coloursOf(strip.first())).toBeGreaterThan(3);
  await page.getByTestId('explore-amount').focus();
  await page.keyboard.press('ArrowRight');
});

test('the spread of an item is drawn, and its dimensions are traversed', async () => {
  const { page } = atelier;
  await page.getByTestId('explore-spread').click();
  await expect(page.getByTestId('explore-spread')).toHaveAttribute('aria-pressed', 'true', { timeout: 30_000 });
  await page.getByTestId('explore-trails').click();
  await expect(page.getByTestId('map-explore').getByRole('group', { name: /^Dimension / }).first()).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('f');
  await record(atelier, 'map-explore');
});

test('a path through points and empty space is decoded and played', async () => {
  const { page } = atelier;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await canvasOf(page).focus();
  await page.keyboard.press('k');
  const bar = page.getByTestId('map-path');
  await expect(bar).toBeVisible();
  const box = (await canvasOf(page).boundingBox())!;
  for (const [x, y] of [[0.45, 0.4], [0.55, 0.5], [0.65, 0.35]]) await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
  await expect(bar).toHaveAttribute('data-frames', '24', { timeout: 60_000 });
  for (const mode of ['Arc', 'Along the data', 'Straight']) {
    await page.getByTestId('path-mode').getByRole('radio', { name: mode }).click();
    await expect(bar.getByRole('status')).toContainText('of 24, confidence', { timeout: 60_000 });
  }
  await page.getByTestId('path-play').click();
  await expect(bar).toContainText(/[5-9] of 24/, { timeout: 20_000 });
  await page.getByTestId('path-play').click();
  await record(atelier, 'map-path');
});

test('the path goes out as a film in three formats, or is told why not', async () => {
  const { page } = atelier;
  const film = async (format: string): Promise<void> => {
    await page.getByTestId('path-film').click();
    await page.getByTestId(`path-film-${format}`).click();
  };
  await film('gif');
  expect((await written('Explored-path.gif', 3)).toString()).toBe('GIF');
  await film('webm');
  // The mark of EBML, of which WebM is made.
  expect((await written('Explored-path.webm', 4)).toString('hex')).toBe('1a45dfa3');
  const codecs = await page.evaluate(async () => {
    const can = async (codec: string): Promise<boolean> => (await VideoEncoder.isConfigSupported({ codec, width: 288, height: 288 })).supported === true;
    return { h264: await can('avc1.42001f'), av1: await can('av01.0.04M.08'), hevc: await can('hev1.1.6.L93.B0') };
  });
  await film('mp4');
  if (codecs.h264 || codecs.av1 || codecs.hevc) expect((await written('Explored-path.mp4', 8)).subarray(4).toString()).toBe('ftyp');
  else await expect(page.getByText(/no encoder for MP4/)).toBeVisible();
  process.stdout.write(`    encoders here: ${JSON.stringify(codecs)}\n`);
  // The film plays: as long as its pictures there and back at 12 a second.
  const bytes = readFileSync(join(dirname(folder), 'Explored-path.webm')).toString('base64');
  const played = await page.evaluate(async (base64) => {
    const video = document.createElement('video');
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: 'video/webm' }));
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve;
      video.onerror = () => reject(new Error(video.error?.message));
    });
    return { seconds: video.duration, width: video.videoWidth, height: video.videoHeight };
  }, bytes);
  expect(played.seconds).toBeCloseTo(46 / 12, 1);
  expect(played.width).toBe(played.height);
  expect(played.width).toBeGreaterThanOrEqual(256);
  await canvasOf(page).focus();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('map-path')).toBeHidden();
});

test('selected items draw their trails through the steps', async () => {
  const { page } = atelier;
  await select(page, "label = 'squares'");
  const before = await canvasOf(page).screenshot();
  await page.getByTestId('map-trails').click();
  await expect(page.getByTestId('map-trails')).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(async () => (await canvasOf(page).screenshot()).equals(before), { timeout: 20_000 }).toBe(false);
  await record(atelier, 'map-trails');
  await page.getByTestId('map-trails').click();
});

test('another model of the same pictures stands beside it, with the same selection', async () => {
  const { page } = atelier;
  await canvasOf(page).focus();
  await page.keyboard.press('v');
  await page.getByTestId('map-compare-with').click();
  await page.getByRole('option', { name: /^Other/ }).click();
  const other = page.getByTestId('map-canvas-compared');
  await expect(other).toHaveAttribute('data-points', (await canvasOf(page).getAttribute('data-points'))!);
  expect(await other.getAttribute('data-chosen')).toBe(await canvasOf(page).getAttribute('data-chosen'));
  expect(await coloursOf(other)).toBeGreaterThan(5);
  await record(atelier, 'map-two-models');
  await page.keyboard.press('v');
  await expect(other).toBeHidden();
});

test('the legend of a number filters, and what it shows becomes the selection', async () => {
  const { page } = atelier;
  await page.getByTestId('map-clear').click();
  for (const column of ['Density', 'Anomaly']) {
    await page.getByTestId('map-colour-by').click();
    await page.getByRole('option', { name: new RegExp(`^${column}`) }).click();
    await expect(page.getByTestId('map-colorbar')).toBeVisible();
  }
  await page.getByTestId('map-range-least').focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('PageUp');
  await expect(page.getByTestId('map-range-select')).toBeVisible();
  await record(atelier, 'map-range');
  await page.getByTestId('map-range-select').click();
  const strange = await chosen(page);
  expect(strange).toBeGreaterThan(0);
  expect(strange).toBeLessThan(Number(await canvasOf(page).getAttribute('data-points')));
  await expect(page.getByTestId('map-selected-count')).toHaveAttribute('title', /anomaly/i);
  // The strangest first, in the table.
  await page.getByTestId('map-selected-count').click();
  await tab(page, 'Selected').click();
  await page.getByTestId('map-table').getByRole('button', { name: 'Anomaly' }).click();
  await expect(page.getByTestId('map-table').locator('[aria-sort="ascending"]')).toHaveCount(1);
});

test('a view is kept and taken up again', async () => {
  const { page } = atelier;
  await page.getByTestId('map-views').click();
  await page.getByTestId('view-keep').click();
  await page.getByRole('dialog').getByRole('textbox').fill('The strange ones');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
  await page.getByTestId('map-colour-by').click();
  await page.getByRole('option', { name: /^Class/ }).click();
  await expect(canvasOf(page)).toHaveAttribute('data-colour-by', 'class');
  await page.getByTestId('map-views').click();
  await page.getByRole('menuitem', { name: 'The strange ones' }).click();
  await expect(canvasOf(page)).toHaveAttribute('data-colour-by', /^anomaly/);
});

test('the map goes out as a picture, a print, a drawing, a page and a turning film', async () => {
  const { page } = atelier;
  test.setTimeout(300_000);
  const out = async (entry: string): Promise<void> => {
    await page.getByTestId('map-pictures').click();
    await page.getByTestId(entry).click();
  };
  const step = await canvasOf(page).getAttribute('data-frame-step');
  await out('picture-png');
  const png = await written(`Explored-step-${step}.png`, 24);
  await out('picture-print');
  const print = await written(`Explored-step-${step}-print.png`, 24);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(print.readUInt32BE(16)).toBe(4 * png.readUInt32BE(16));
  await out('picture-svg');
  const svg = (await written(`Explored-step-${step}.svg`, 1e7)).toString();
  expect(svg.match(/<(circle|use) /g)!.length).toBeGreaterThanOrEqual(100);
  await out('picture-page');
  expect((await written('Explored.html', 200)).toString()).toContain('<!doctype html>');
  await out('picture-film-webm');
  expect((await written(`Explored-step-${step}-turn.webm`, 4)).toString('hex')).toBe('1a45dfa3');
});

test('the palette and the search find what the map can do and has', async () => {
  const { page } = atelier;
  await canvasOf(page).focus();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('lasso');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('map-tool-lasso')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+f');
  await page.getByTestId('map-search').fill('squares-01');
  await page.getByRole('option', { name: /squares-01/ }).first().click();
  await expect(page.getByTestId('map-inspector')).toContainText('squares-01');
});

test('a codebook is a map of its own; a code shows where it stands in pictures', async () => {
  const { page } = atelier;
  await page.getByTestId('map-run').click();
  await page.getByRole('option', { name: /^Codes of Emoji, 512/ }).click();
  await expect(canvasOf(page)).toHaveAttribute('data-points', '512', { timeout: 90_000 });
  await expect(canvasOf(page)).toHaveAttribute('data-colour-by', 'state');
  await canvasOf(page).focus();
  await page.keyboard.press('t');
  await page.getByTestId('map-table').focus();
  await page.keyboard.press('Home');
  await tab(page, 'Item').click();
  const uses = page.getByTestId('code-uses');
  await expect(uses).toContainText('times in the held-out pictures', { timeout: 90_000 });
  await expect(uses.locator('canvas').first()).toBeVisible();
  expect(await coloursOf(uses.locator('canvas').first())).toBeGreaterThan(3);
  await record(atelier, 'map-codebook');
});

test('nothing complained', () => expect(atelier.complaints).toEqual([]));
