/**
 * The shell: windows, menus, dialogs, the page's scheme, and the engine's process. It computes nothing, so that nothing here
 * can freeze or take the window down.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, ipcMain, session, type WebContents } from 'electron';
import { shellChannels } from '../contract/shell.ts';
import { EngineProcess } from './engine-process.ts';
import { guardContents, guardSession } from './guards.ts';
import { setMenu } from './menu.ts';
import { openedPaths } from './opened-paths.ts';
import { announcePageScheme, servePages } from './page-protocol.ts';
import { answerShell, isTrusted } from './shell-requests.ts';
import { openWindow, type MainWindow } from './window.ts';

const dist = dirname(fileURLToPath(import.meta.url));
const icon = join(dist, '..', 'assets', 'icons', 'icon-256.png');
const home = process.env.ATELIER_HOME;
if (home) {
  // A home of one's own keeps the window's state too, and allows a second instance beside the usual one.
  mkdirSync(join(home, 'window'), { recursive: true });
  app.setPath('userData', join(home, 'window'));
}

let main: MainWindow | null = null;
let engine: EngineProcess | null = null;
let pageIsReady = false;
/** Paths to open that came before the page could take them. */
const waiting: string[] = openedPaths(process.argv, process.cwd(), app.getAppPath());

function openPaths(paths: string[]): void {
  if (pageIsReady && main) {
    if (paths.length > 0) main.window.webContents.send(shellChannels.open, paths);
  } else waiting.push(...paths);
}

function focus(): void {
  if (!main) return open();
  if (main.window.isMinimized()) main.window.restore();
  main.window.focus();
}

function open(): void {
  pageIsReady = false;
  main = openWindow(join(dist, 'preload.cjs'), icon);
  main.window.on('closed', () => (main = null));
}

function pageReady(page: WebContents): number {
  pageIsReady = true;
  if (page === main?.window.webContents) openPaths(waiting.splice(0));
  const elapsed = Math.round(Date.now() - (process.getCreationTime() ?? Date.now()));
  if (process.env.ATELIER_TIMINGS) process.stdout.write(`interactive ${Date.now()}\n`);
  return elapsed;
}

function start(): void {
  engine = new EngineProcess(join(dist, 'host.mjs'));
  guardSession(session.defaultSession);
  servePages(session.defaultSession, join(dist, 'renderer'));
  answerShell({ themeChanged: (theme) => main?.rememberTheme(theme), ready: pageReady });
  ipcMain.on(shellChannels.connect, (event) => {
    if (isTrusted(event)) engine?.connect(event.sender);
  });
  setMenu();
  open();
}

if (app.requestSingleInstanceLock()) {
  announcePageScheme();
  guardContents();
  app.on('second-instance', (_event, argv, folder) => {
    focus();
    openPaths(openedPaths(argv, folder, app.getAppPath()));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openPaths([path]);
  });
  app.on('activate', focus);
  app.on('window-all-closed', () => app.quit());
  let ended = false;
  app.on('will-quit', (event) => {
    if (ended || !engine) return;
    event.preventDefault();
    void engine.close().then(() => {
      ended = true;
      app.quit();
    });
  });
  void app.whenReady().then(start);
} else {
  app.quit();
}
