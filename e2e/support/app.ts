import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';

export const root = join(import.meta.dirname, '..', '..');

export interface Launched {
  app: ElectronApplication;
  page: Page;
  home: string;
  /** Everything that the page's console and the processes complained about. */
  complaints: string[];
  close(): Promise<void>;
}

/**
 * Starts the real application. The runner names Electron's executable in ATELIER_ELECTRON.
 * @param options.home folder for projects and caches; default: a new empty one
 * @param options.args further words of the command line
 * @param options.executable a packaged application instead
 */
export async function launchApp(options: { home?: string; args?: string[]; executable?: string; env?: Record<string, string> } = {}): Promise<Launched> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'atelier-home-'));
  const executablePath = options.executable ?? process.env.ATELIER_ELECTRON;
  if (!executablePath) throw new Error('Run the end-to-end tests with `npm test` (or `node build/test.mjs --only end-to-end`): it names the Electron to use.');
  const app = await _electron.launch({
    executablePath,
    args: ['--log-level=3', ...(options.executable ? ['--no-sandbox'] : [root]), ...(options.args ?? [])],
    env: { ...(process.env as Record<string, string>), ATELIER_HOME: home, ...options.env },
    timeout: 60_000,
  });
  const complaints: string[] = [];
  const page = await app.firstWindow();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  app.process().stderr?.on('data', (text: Buffer) => {
    for (const line of text.toString().split('\n')) if (/CRITICAL|assertion .* failed|Unhandled|fault nobody handled/.test(line)) complaints.push(line);
  });
  let closed = false;
  return {
    app,
    page,
    home,
    complaints,
    async close() {
      if (closed) return;
      closed = true;
      await app.close();
    },
  };
}

/** A test with an application of its own, closed afterwards. */
export const test = base.extend<{ atelier: Launched }>({
  // eslint-disable-next-line no-empty-pattern
  atelier: async ({}, use) => {
    const launched = await launchApp();
    await use(launched);
    await launched.close();
  },
});
export { expect } from '@playwright/test';
