import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { pageAddress } from './pages.ts';
import { loadWindowState, minimumSize, placeWindow, saveWindowState, type WindowState } from './window-state.ts';

export interface MainWindow {
  window: BrowserWindow;
  rememberTheme(theme: WindowState['theme']): void;
}

/** The grounds of the page's two themes, shown until it has painted. */
const ground = { dark: '#16181c', light: '#f7f7f8' };

/**
 * Opens the window where it stood last.
 * @param preload the bundled preload script
 */
export function openWindow(preload: string, icon: string): MainWindow {
  const file = join(app.getPath('userData'), 'window.json');
  const state = loadWindowState(file);
  nativeTheme.themeSource = state.theme;
  const primary = screen.getPrimaryDisplay();
  const areas = [primary, ...screen.getAllDisplays().filter((display) => display.id !== primary.id)].map((display) => display.workArea);
  const window = new BrowserWindow({
    ...placeWindow(state.bounds, areas),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    title: app.getName(),
    icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? ground.dark : ground.light,
    autoHideMenuBar: process.platform !== 'darwin',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      additionalArguments: [`--atelier-version=${app.getVersion()}`],
    },
  });
  if (state.maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    state.bounds = window.getNormalBounds();
    state.maximised = window.isMaximized();
    saveWindowState(file, state);
  });
  // A page that crashed is loaded again; the engine goes on meanwhile.
  window.webContents.on('render-process-gone', (_event, details) => {
    process.stderr.write(`The window's process ended (${details.reason}); the page is loaded again.\n`);
    if (details.reason !== 'clean-exit' && !window.isDestroyed()) window.webContents.reload();
  });
  void window.loadURL(pageAddress);
  return {
    window,
    rememberTheme(theme) {
      state.theme = theme;
      saveWindowState(file, state);
    },
  };
}
