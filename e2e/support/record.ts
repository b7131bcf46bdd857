import AxeBuilder from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, root, type Launched } from './app.ts';

const folder = join(root, 'test-results', 'screens');
const sizes = [[1280, 800], [1920, 1080]] as const;

export async function setSize({ app, page }: Launched, width: number, height: number): Promise<void> {
  await app.evaluate(({ BrowserWindow }, [w, h]) => {
    const [window] = BrowserWindow.getAllWindows();
    window.setContentSize(w, h);
    window.setPosition(0, 0);
  }, [width, height]);
  await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([width, height]);
}

async function useTheme(page: Page, theme: 'dark' | 'light'): Promise<void> {
  const wanted = page.locator(`[data-testid=theme][aria-label="Use the ${theme === 'dark' ? 'light' : 'dark'} theme"]`);
  // Not a real click: it must also work under an open dialog.
  if ((await wanted.count()) === 0) await page.getByTestId('theme').dispatchEvent('click');
  await expect(wanted).toHaveCount(1);
}

/** Takes pictures of what is shown now, at two sizes in both themes, for people (in test-results/screens), and applies axe's rules to it. */
export async function record(atelier: Launched, name: string): Promise<void> {
  const { page } = atelier;
  mkdirSync(folder, { recursive: true });
  for (const theme of ['dark', 'light'] as const) {
    await useTheme(page, theme);
    for (const [width, height] of sizes) {
      await setSize(atelier, width, height);
      await page.mouse.move(2, 2);
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) });
    }
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode()
      .exclude('[id]:has(> .tooltip)') // floats at the end of the document, described by what it belongs to
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
      .analyze();
    expect.soft(violations.map(({ id, help, nodes }) => `${name}, ${theme}: ${id}: ${help} (${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join('; ')})`)).toEqual([]);
  }
  await setSize(atelier, 1280, 800);
}
