import { app, BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { shellChannels, type MenuCommand } from '../contract/shell.ts';

/**
 * An item that the page carries out. Its key is shown but not taken, for the page listens for the same key itself and knows
 * when it means something else (in a text field, say).
 */
function item(label: string, command: MenuCommand, accelerator?: string): MenuItemConstructorOptions {
  return {
    label,
    accelerator,
    registerAccelerator: false,
    click: (_item, window) => {
      if (window instanceof BrowserWindow) window.webContents.send(shellChannels.command, command);
    },
  };
}

export function setMenu(): void {
  const mac = process.platform === 'darwin';
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('New project…', 'new-project', 'CmdOrCtrl+N'),
        item('Open project…', 'open-project', 'CmdOrCtrl+O'),
        separator,
        item('Import pictures…', 'import', 'CmdOrCtrl+I'),
        item('Export…', 'export', 'CmdOrCtrl+E'),
        separator,
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        item('Undo', 'undo', 'CmdOrCtrl+Z'),
        item('Redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        separator,
        item('Search', 'search', '/'),
        item('Commands…', 'palette', 'CmdOrCtrl+K'),
      ],
    },
    {
      label: '&View',
      submenu: [
        item('Train', 'place-1', '1'),
        item('Map', 'place-2', '2'),
        separator,
        item('Light or dark', 'theme', 'CmdOrCtrl+Shift+L'),
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        separator,
        { role: 'reload' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [item('Keys', 'keys', '?'), ...(mac ? [] : [item(`About ${app.getName()}`, 'about')])] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
