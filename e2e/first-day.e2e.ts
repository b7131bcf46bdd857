/** The main job from end to end, as a new user does it: a folder of pictures becomes a trained model and a living map. */
import { expect, launchApp, test, type Launched } from './support/app.ts';
import { coloursOf, dropPaths, finishImport, startTraining, untilReady, watchAttribute, watchLongTasks } from './support/acts.ts';
import { allowance, watchNoise } from './support/noise.ts';
import { makePictures } from './support/pictures.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
let noise: ReturnType<typeof watchNoise>;
let longTasks: Awaited<ReturnType<typeof watchLongTasks>>;
test.beforeAll(async () => {
  atelier = await launchApp();
  await untilReady(atelier.page);
  longTasks = await watchLongTasks(atelier.page);
  noise = watchNoise(atelier.app.process().pid!);
});
test.afterAll(() => atelier.close());

test('the first start shows the sample project with its pictures', async () => {
  const { page } = atelier;
  await expect(page.getByTestId('project-menu')).toContainText(/sample/i);
  await page.keyboard.press('5');
  await expect(page.getByTestId('view-data')).toBeVisible();
  await expect(page.getByTestId('view-data')).toContainText(/emoji/i);
});

test('a dropped folder becomes a dataset; the broken file is skipped and named', async () => {
  const { page } = atelier;
  const { folder, good, broken } = await makePictures();
  await dropPaths(page, [folder]);
  await finishImport(page, folder, { sizePx: 32 });
  const data = page.getByTestId('view-data');
  await data.getByText('shapes', { exact: true }).first().click();
  await expect(data).toContainText(String(good));
  await expect(data).toContainText(broken);
  for (const name of ['bars', 'discs', 'squares']) await expect(data).toContainText(name);
});

test('a VQ-VAE trains: curves, held-out pictures and time left are live', async () => {
  const { page } = atelier;
  await startTraining(page, { data: 'shapes', name: 'First day', steps: 120, config: { hidden: 16, residualHidden: 8, codes: 32, codeSize: 8 } });
  await expect(page.getByTestId('run-status')).toContainText(/running/i, { timeout: 60_000 });
  await expect(page.getByTestId('job-title')).toBeVisible();
  await expect(page.getByTestId('curves').locator('canvas').first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('recon-canvas')).toBeVisible({ timeout: 60_000 });
  expect(await coloursOf(page.getByTestId('recon-canvas'))).toBeGreaterThan(20);
});

test('the map moves while it trains', async () => {
  const { page } = atelier;
  await page.keyboard.press('1');
  const canvas = page.getByTestId('map-canvas');
  await expect(canvas).toHaveAttribute('data-points', /^[1-9]\d*$/, { timeout: 120_000 });
  const still = await watchAttribute(canvas, 'data-held-still');
  const first = Number(await canvas.getAttribute('data-frame-step'));
  await expect.poll(async () => Number(await canvas.getAttribute('data-frame-step')), { timeout: 120_000 }).toBeGreaterThan(first + 20);
  // Each frame lies on the one before as well as any turning or mirroring of it could: no axis flips, the cloud does not turn.
  const turns = (await still()).map(Number);
  expect(turns.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...turns)).toBeGreaterThan(0.97);
  expect(await coloursOf(canvas)).toBeGreaterThan(3);
});

test('the run ends as finished, and the timeline scrubs back through it', async () => {
  const { page } = atelier;
  await page.getByTestId('place-train').click();
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 150_000 });
  await page.getByTestId('place-map').click();
  const canvas = page.getByTestId('map-canvas');
  await expect(page.getByTestId('map-step')).toHaveText('120', { timeout: 30_000 });
  await page.getByRole('slider', { name: 'Step of the training' }).press('Home');
  await expect.poll(async () => Number(await canvas.getAttribute('data-frame-step'))).toBeLessThan(120);
  await page.getByRole('slider', { name: 'Step of the training' }).press('End');
  await expect(page.getByTestId('map-step')).toHaveText('120');
});

test('hover shows an item, a click opens it with its reconstruction and neighbours', async () => {
  const { page } = atelier;
  const canvas = page.getByTestId('map-canvas');
  await page.getByTestId('map-reset').click();
  const box = (await canvas.boundingBox())!;
  // Looks for a point around the middle, as a hand does.
  await expect
    .poll(async () => {
      for (let i = 0; i < 60; i++) {
        const angle = i * 2.4;
        const radius = 6 * Math.sqrt(i) * 4;
        await page.mouse.move(box.x + box.width / 2 + radius * Math.cos(angle), box.y + box.height / 2 + radius * Math.sin(angle));
        if ((await canvas.getAttribute('data-hovered')) !== '-1') return true;
      }
      return false;
    })
    .toBe(true);
  await expect(page.getByTestId('map-hover')).toBeVisible();
  await page.mouse.down();
  await page.mouse.up();
  await expect(page.getByTestId('map-inspector')).toContainText('PSNR', { timeout: 60_000 });
  await expect(page.getByTestId('map-neighbour').first()).toBeVisible();
});

test('the probe decodes any place of the map', async () => {
  const { page } = atelier;
  await page.getByTestId('map-canvas').focus();
  await page.keyboard.press('p');
  const probe = page.getByTestId('map-probe');
  await expect(probe).toBeVisible();
  await expect(probe.locator('canvas, img').first()).toBeVisible({ timeout: 60_000 });
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await expect(probe).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(probe).toBeHidden();
});

test('a run can be paused, resumed and cancelled', async () => {
  const { page } = atelier;
  await startTraining(page, { data: 'shapes', name: 'Stop and go', steps: 4000, config: { hidden: 16, residualHidden: 8, codes: 32, codeSize: 8 } });
  const line = page.getByTestId('job-line');
  await expect(line.getByTestId('job-pause')).toBeEnabled({ timeout: 60_000 });
  await expect(page.getByTestId('recon-canvas')).toBeVisible({ timeout: 60_000 });
  await line.getByTestId('job-pause').click();
  await expect(line.getByTestId('job-resume')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('run-status')).toContainText(/paused/i);
  await line.getByTestId('job-resume').click();
  await expect(line.getByTestId('job-pause')).toBeEnabled({ timeout: 60_000 });
  await line.getByTestId('job-cancel').click();
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'cancelled', { timeout: 60_000 });
});

test('nothing froze the window meanwhile, and nothing complained', async () => {
  const { tasks, scriptMs, script } = await longTasks();
  const moments = await noise();
  expect(tasks.length).toBeGreaterThan(0); // the observer works
  const worst = tasks
    .map(({ from, ms }) => ({ ms, allowedMs: 200 * allowance(moments, from, from + ms) }))
    .reduce((most, task) => (task.ms / task.allowedMs > most.ms / most.allowedMs ? task : most));
  const longest = Math.max(...tasks.map(({ ms }) => ms));
  const others = moments.reduce((sum, moment) => sum + moment.others, 0) / moments.length;
  process.stdout.write(`    ${tasks.length} tasks over 50 ms, the longest ${Math.round(longest)} ms, the longest script ${Math.round(scriptMs)} ms (${script}); nearest to its limit ${Math.round(worst.ms)} of ${Math.round(worst.allowedMs)} ms; other programs used ${Math.round(others * 100)} % of the processors\n`);
  expect(worst.ms).toBeLessThanOrEqual(worst.allowedMs);
  expect(atelier.complaints).toEqual([]);
});
