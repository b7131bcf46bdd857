import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, launchApp, test, type Launched } from './support/app.ts';

let atelier: Launched;
test.beforeAll(async () => {
  // Chromium's pretended microphone and camera, so that only the permission decides.
  atelier = await launchApp({ args: ['--use-fake-device-for-media-stream'] });
  await atelier.page.waitForLoadState('load');
});
test.afterAll(() => atelier.close());

test('the page is isolated: no Node, a sandbox, one small bridge', async () => {
  const seen = await atelier.page.evaluate(() => ({
    origin: location.origin,
    secure: isSecureContext,
    node: [typeof (globalThis as Record<string, unknown>).require, typeof (globalThis as Record<string, unknown>).process, typeof (globalThis as Record<string, unknown>).Buffer],
    bridge: Object.keys((globalThis as unknown as { atelier: object }).atelier).toSorted(),
  }));
  expect(seen.origin).toBe('app://atelier');
  expect(seen.secure).toBe(true);
  expect(seen.node).toEqual(['undefined', 'undefined', 'undefined']);
  expect(seen.bridge).toEqual([
    'connectEngine', 'onCommand', 'onEngineGone', 'onOpenPaths', 'pathOf', 'pickFiles', 'pickFolder', 'platform', 'ready', 'revealInFolder', 'savePath', 'setProgress', 'setTheme', 'version', 'wantMicrophone',
  ]);
  const preferences = await atelier.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0].webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity };
  });
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true });
});

test('the policy comes with a fresh nonce and inline code does not run', async () => {
  const policies = await atelier.page.evaluate(async () => {
    const read = async (): Promise<string> => (await fetch('app://atelier/index.html')).headers.get('content-security-policy') ?? '';
    return [await read(), await read()];
  });
  expect(policies[0]).toMatch(/style-src 'self' 'nonce-[\w+/=]{24}'/);
  expect(policies[0]).not.toBe(policies[1]);
  const ran = await atelier.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.head.append(script);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return (globalThis as { inlineRan?: boolean }).inlineRan ?? false;
  });
  expect(ran).toBe(false);
});

test.describe('addresses', () => {
  for (const address of ['app://atelier/..%2fmain.mjs', 'app://atelier/%2e%2e/main.mjs', 'app://atelier/../package.json', 'app://atelier/..%2f..%2fpackage.json', 'app://atelier/nothing.js']) {
    test(`${address} is not served`, async () => {
      const status = await atelier.page.evaluate((url) => fetch(url).then((answer) => answer.status), address);
      expect(status).toBe(404);
    });
  }

  for (const address of ['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/passwd', 'app://elsewhere/index.html']) {
    test(`${address} cannot be read`, async () => {
      const outcome = await atelier.page.evaluate((url) => fetch(url).then(() => 'read', () => 'refused'), address);
      expect(outcome).toBe('refused');
    });
  }
});

test('the page cannot leave, open a window or embed another page', async () => {
  const { page, app } = atelier;
  const before = page.url();
  const opened = await page.evaluate(() => window.open('https://example.com/') === null && window.open('app://atelier/index.html') === null);
  expect(opened).toBe(true);
  await page.evaluate(() => void (location.href = 'https://example.com/'));
  await page.evaluate(() => void (location.href = 'file:///etc/passwd'));
  await page.waitForTimeout(300);
  expect(page.url()).toBe(before);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('permissions are refused, but the microphone is given while the page asks for it', async () => {
  const outcomes = await atelier.page.evaluate(async () => {
    const bridge = (globalThis as unknown as { atelier: { wantMicrophone(wanted: boolean): Promise<void> } }).atelier;
    const attempt = (what: Promise<unknown>): Promise<string> => what.then(() => 'given', (error: Error) => error.name);
    const microphone = (): Promise<string> =>
      attempt(navigator.mediaDevices.getUserMedia({ audio: true }).then((stream) => stream.getTracks().forEach((track) => track.stop())));
    const camera = (): Promise<string> => attempt(navigator.mediaDevices.getUserMedia({ video: true }));
    const before = { camera: await camera(), microphone: await microphone() };
    await bridge.wantMicrophone(true);
    const meanwhile = { camera: await camera(), microphone: await microphone(), both: await attempt(navigator.mediaDevices.getUserMedia({ audio: true, video: true })) };
    await bridge.wantMicrophone(false);
    return {
      before,
      meanwhile,
      after: { microphone: await microphone() },
      notifications: await Notification.requestPermission(),
      place: await new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('given'), (error) => resolve(error.code))),
    };
  });
  const no = 'NotAllowedError';
  expect(outcomes).toEqual({
    before: { camera: no, microphone: no },
    meanwhile: { camera: no, microphone: 'given', both: no },
    after: { microphone: no },
    notifications: 'denied',
    place: 1,
  });
});

test('messages that do not match are refused and survived', async () => {
  const outcomes = await atelier.page.evaluate(async () => {
    const bridge = (globalThis as unknown as { atelier: Record<string, (...args: unknown[]) => Promise<unknown>> }).atelier;
    const attempt = (what: Promise<unknown>): Promise<string> => what.then(() => 'answered', (error: Error) => error.message);
    return [
      await attempt(bridge.setTheme('pink')),
      await attempt(bridge.pickFolder({ title: 7 })),
      await attempt(bridge.pickFolder({ titel: 'x' })),
      await attempt(bridge.setProgress('half')),
      await attempt(bridge.revealInFolder('')),
      await attempt(bridge.revealInFolder('/no/such/file')),
    ];
  });
  expect(outcomes.slice(0, 5).every((outcome) => outcome.includes('does not understand'))).toBe(true);
  expect(outcomes[5]).toContain('not there any more');
  expect(await atelier.page.evaluate(() => document.readyState)).toBe('complete');
});

test('a page other than ours gets no answer from the shell', async () => {
  // A window of a foreign page with our preload: what an attacker would need; main must still refuse it.
  const refused = await atelier.app.evaluate(async ({ BrowserWindow, app }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { preload: `${app.getAppPath()}/dist/preload.cjs`, sandbox: true, contextIsolation: true } });
    await window.loadURL('data:text/html,<title>foreign</title>');
    const outcome: unknown = await window.webContents.executeJavaScript("atelier.setTheme('dark').then(() => 'answered', (error) => error.message)");
    window.destroy();
    return outcome;
  });
  expect(refused).toContain('is not answered to this page');
});

test('dialogs give paths, and a cancelled dialog gives none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'picked-'));
  writeFileSync(join(folder, 'a.png'), '');
  await atelier.app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, folder);
  expect(await atelier.page.evaluate(() => (globalThis as unknown as { atelier: { pickFolder(): Promise<string | null> } }).atelier.pickFolder())).toBe(folder);
  await atelier.app.evaluate(({ dialog }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: true, filePaths: [] });
  });
  expect(await atelier.page.evaluate(() => (globalThis as unknown as { atelier: { pickFolder(): Promise<string | null> } }).atelier.pickFolder())).toBeNull();
});
