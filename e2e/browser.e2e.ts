/** The same interface in a browser, over HTTP and WebSocket, served by `atelier serve`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { expect, root, test } from './support/app.ts';
import { startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';

test.describe.configure({ mode: 'serial' });

let server: ChildProcess;
let address = '';
let browser: Browser;
let page: Page;
const complaints: string[] = [];

/** Debian's browser, or one that Playwright installed. */
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

test.beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'atelier-serve-'));
  server = spawn(process.execPath, [join(root, 'build', 'atelier.mjs'), 'serve', '--json'], { cwd: home, env: { ...process.env, ATELIER_HOME: home, INIT_CWD: home }, stdio: ['ignore', 'pipe', 'inherit'] });
  address = await new Promise<string>((resolve, reject) => {
    let out = '';
    server.stdout!.on('data', (text: Buffer) => {
      out += text.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(out);
      if (found) resolve(found[0]);
    });
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
  });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
});
test.afterAll(async () => {
  await browser?.close();
  if (server && server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
});

test('a wrong token and a foreign page are refused', async () => {
  const { origin } = new URL(address);
  expect((await fetch(`${origin}/`)).status).toBe(401);
  expect((await fetch(`${origin}/?token=wrong`)).status).toBe(401);
  expect((await fetch(address, { headers: { origin: 'https://example.com' } })).status).toBe(403);
  expect((await fetch(`${origin}/../package.json?token=x`)).status).toBe(404);
});

test('the interface opens, takes an upload by drop, and trains', async () => {
  await page.goto(address);
  await untilReady(page);
  const { folder, broken } = await makePictures(12);
  const { readdirSync, readFileSync } = await import('node:fs');
  // A page made the files, so they have no paths and are sent to the engine.
  const files = readdirSync(join(folder, 'bars')).map((name) => ({ name, bytes: [...readFileSync(join(folder, 'bars', name))] }));
  await page.evaluate((list) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of list) transfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
    for (const type of ['dragenter', 'dragover', 'drop']) window.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, files);
  await expect(page.getByTestId('import-dialog')).toBeVisible({ timeout: 30_000 });
  await page.getByTestId('import-name').fill('uploaded');
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('view-data')).toContainText('uploaded', { timeout: 60_000 });
  expect(files.some(({ name }) => name === broken)).toBe(false);

  await startTraining(page, { data: 'uploaded', name: 'In a browser', steps: 40, config: { hidden: 16, residualHidden: 8, codes: 32, codeSize: 8 } });
  await expect(page.getByTestId('run-page')).toHaveAttribute('data-status', 'finished', { timeout: 150_000 });
  await page.getByTestId('place-map').click();
  await expect(page.getByTestId('map-canvas')).toHaveAttribute('data-points', /^[1-9]\d*$/, { timeout: 60_000 });
});

test('a reload finds everything again', async () => {
  await page.reload();
  await untilReady(page);
  await page.getByTestId('place-train').click();
  await expect(page.getByTestId('run-row').filter({ hasText: 'In a browser' })).toBeVisible();
  expect(complaints).toEqual([]);
});
