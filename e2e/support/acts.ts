import { basename } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import sharp from 'sharp';

/** Waits until the page has its project and can be used. */
export async function untilReady(page: Page): Promise<void> {
  await expect(page.getByTestId('app')).toHaveAttribute('data-connection', 'open', { timeout: 30_000 });
  await expect(page.getByTestId('project-menu')).not.toBeEmpty();
}

/** Drops files or folders from the system's file manager on the middle of the window, as Chromium gets them. */
export async function dropPaths(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const at = { x: 640, y: 380 };
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...at, data });
  await session.detach();
}

/** Goes through the import dialog that a drop or the menu opened, and waits for the new dataset. */
export async function finishImport(page: Page, folder: string, options: { name?: string; sizePx?: number } = {}): Promise<string> {
  const dialog = page.getByTestId('import-dialog');
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText(basename(folder));
  if (options.name) await page.getByTestId('import-name').fill(options.name);
  if (options.sizePx) {
    await page.getByTestId('import-size').click();
    await page.getByRole('option', { name: new RegExp(`^${options.sizePx} × `) }).click();
  }
  await page.getByTestId('import-start').click();
  await expect(dialog).toBeHidden();
  const name = options.name ?? basename(folder);
  await expect(page.getByTestId('view-data')).toContainText(name, { timeout: 60_000 });
  await expect(page.getByTestId('job-line')).not.toContainText(`Import of ${name}`, { timeout: 60_000 });
  return name;
}

export interface QuickTraining {
  data: string;
  name: string;
  family?: string;
  steps: number;
  /** Numbers of the model's form by key. */
  config?: Record<string, number>;
}

/** Fills the composer in and starts; ends on the page of the run. */
export async function startTraining(page: Page, options: QuickTraining): Promise<void> {
  await page.getByTestId('place-train').click();
  const view = page.getByTestId('view-train');
  if (!(await page.getByTestId('composer').isVisible())) await page.getByTestId('train-new').click();
  await view.getByTestId('dataset-card').filter({ hasText: options.data }).click();
  await page.getByTestId(`family-${options.family ?? 'vq-vae'}`).click();
  await page.getByTestId('run-name').fill(options.name);
  await page.getByTestId('plan-limit').getByRole('radio', { name: 'Steps' }).click();
  await setNumber(page, 'plan-steps', options.steps);
  for (const [key, value] of Object.entries(options.config ?? {})) await setNumber(page, `config-${key}`, value);
  await openSection(page, 'Optimiser');
  await setNumber(page, 'plan-batch', 16);
  await setNumber(page, 'plan-save', 20);
  await setNumber(page, 'plan-look', 10);
  await page.getByTestId('composer-inspector').getByTestId('train-start').click();
  await expect(page.getByTestId('run-page')).toBeVisible({ timeout: 60_000 });
}

async function setNumber(page: Page, id: string, value: number): Promise<void> {
  const field = page.locator(`#${id}`);
  await field.fill(String(value));
  await field.press('Enter');
}

async function openSection(page: Page, title: string): Promise<void> {
  const section = page.getByTestId('composer-inspector').locator('details').filter({ hasText: title });
  if ((await section.getAttribute('open')) === null) await section.locator('summary').click();
}

/** A task that held the window for longer than 50 ms; times since the epoch, in ms. */
export interface LongTask {
  from: number;
  ms: number;
}

/** Long tasks of the page from now on, and the longest that one of its scripts took. */
export async function watchLongTasks(page: Page): Promise<() => Promise<{ tasks: LongTask[]; scriptMs: number; script: string }>> {
  await page.evaluate(() => {
    interface LongFrame extends PerformanceEntry {
      scripts: { startTime: number; duration: number; invoker: string }[];
    }
    const state = globalThis as unknown as { longTasks: { from: number; ms: number }[]; longScripts: { ms: number; name: string }[] };
    state.longTasks = [];
    state.longScripts = [];
    const clicks: { at: number; on: string }[] = [];
    addEventListener('click', ({ target }) => {
      clicks.push({ at: performance.now(), on: (target as HTMLElement | null)?.closest?.('[data-testid]')?.getAttribute('data-testid') ?? '' });
    }, true);
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) state.longTasks.push({ from: performance.timeOrigin + startTime, ms: duration });
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const frame of list.getEntries() as LongFrame[]) {
        for (const script of frame.scripts) {
          const click = clicks.find(({ at }) => at >= script.startTime - 1 && at <= script.startTime + script.duration);
          state.longScripts.push({ ms: script.duration, name: click ? `a click on ${click.on}` : script.invoker });
        }
      }
    }).observe({ type: 'long-animation-frame' });
  });
  return () =>
    page.evaluate(() => {
      const { longTasks, longScripts } = globalThis as unknown as { longTasks: { from: number; ms: number }[]; longScripts: { ms: number; name: string }[] };
      const worst = longScripts.reduce((most, each) => (each.ms > most.ms ? each : most), { ms: 0, name: '' });
      return { tasks: longTasks, scriptMs: worst.ms, script: worst.name };
    });
}

/** Every value that an attribute of an element takes from now on. */
export async function watchAttribute(element: Locator, name: string): Promise<() => Promise<string[]>> {
  const key = `seen-${name}`;
  await element.evaluate(
    (node, { name, key }) => {
      const seen: string[] = ((globalThis as unknown as Record<string, string[]>)[key] = []);
      new MutationObserver(() => seen.push(node.getAttribute(name) ?? '')).observe(node, { attributes: true, attributeFilter: [name] });
    },
    { name, key },
  );
  return () => element.evaluate((_node, key) => (globalThis as unknown as Record<string, string[]>)[key], key);
}

/** How many different colours an element shows on the screen; 1 means that nothing was drawn. */
export async function coloursOf(element: Locator): Promise<number> {
  const { data } = await sharp(await element.screenshot()).resize(96, 96, { fit: 'fill', kernel: 'nearest' }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const seen = new Set<number>();
  for (let i = 0; i < data.length; i += 3) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return seen.size;
}
