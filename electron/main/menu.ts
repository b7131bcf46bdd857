import { BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
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
        item('New project…', 'new-project'),
        item('Open project…', 'open-project'),
        separator,
        item('Import pictures…', 'import'),
        separator,
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
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
        item('Map', 'place-1', '1'),
        item('Train', 'place-2', '2'),
        item('Studio', 'place-3', '3'),
        item('Voice', 'place-4', '4'),
        item('Data', 'place-5', '5'),
        separator,
        item('Light or dark', 'theme'),
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
    { role: 'help', submenu: [item('Keys', 'keys', '?'), ...(mac ? [] : [{ role: 'about' } as const])] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
