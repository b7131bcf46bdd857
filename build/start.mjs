// @ts-check
/**
 * `npm start`: the application in its window; on a machine without a display (or with `--serve`) the same interface for a browser.
 * Further arguments are folders and files to open, or options of the web server (`--port 8080`).
 */
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { setUp } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { launch, Problem, run, say } from './setup/run.mjs';

const args = process.argv.slice(2).filter((part) => part !== '--serve');
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

await launch(async () => {
  const electron = hasDisplay && !process.argv.includes('--serve') ? await desktop() : null;
  if (!electron) {
    await setUp();
    await bundle(['engine', 'renderer']);
    return run(process.execPath, [join(root, 'dist', 'serve.mjs'), ...args]);
  }
  await bundle();
  // Chromium's sandbox refuses to run as root.
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return run(electron.executable, [...asRoot, '--log-level=3', root, ...args]);
});

async function desktop() {
  try {
    return await setUp({ electron: true });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(`${error.message}\nThe window cannot be opened, so the interface is served to a browser instead.`);
    return null;
  }
}
