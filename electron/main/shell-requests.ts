import { app, BrowserWindow, dialog, ipcMain, nativeTheme, shell, type IpcMainInvokeEvent, type OpenDialogOptions, type WebContents } from 'electron';
import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { shellRequests, type ShellRequest } from '../contract/shell.ts';
import { allowMicrophone } from './guards.ts';
import { isOurPage } from './pages.ts';

type Parsed<R extends ShellRequest> = z.output<(typeof shellRequests)[R]>;
type Answer<R extends ShellRequest> = (input: Parsed<R>, window: BrowserWindow) => unknown;

export interface ShellHooks {
  themeChanged(theme: 'dark' | 'light' | 'system'): void;
  /** The page of this window can be used. Returns milliseconds since the process began. */
  ready(page: WebContents): number;
}

/** Whether a message came from the top frame of one of our windows, showing our page. */
export function isTrusted(event: { senderFrame: Electron.WebFrameMain | null; sender: WebContents }): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && isOurPage(frame.url) && BrowserWindow.fromWebContents(event.sender) !== null;
}

/** Answers the page's requests; each is refused when it comes from elsewhere or does not match its schema. */
export function answerShell(hooks: ShellHooks): void {
  const answers: { [R in ShellRequest]: Answer<R> } = {
    'shell.pick-folder': async ({ title }, window) => (await open(window, { title, properties: ['openDirectory', 'createDirectory'] }))[0] ?? null,
    'shell.pick-files': ({ title, filters, many }, window) => open(window, { title, filters, properties: many ? ['openFile', 'multiSelections'] : ['openFile'] }),
    'shell.save-path': async ({ title, filters, suggested }, window) => {
      const result = await dialog.showSaveDialog(window, { title, filters, defaultPath: suggested, properties: ['createDirectory', 'showOverwriteConfirmation'] });
      return result.canceled ? null : result.filePath;
    },
    'shell.reveal': ({ path }) => {
      if (!existsSync(path)) throw new Error(`${path} is not there any more.`);
      shell.showItemInFolder(path);
    },
    'shell.theme': ({ theme }) => {
      nativeTheme.themeSource = theme;
      hooks.themeChanged(theme);
    },
    'shell.progress': ({ fraction }, window) => window.setProgressBar(fraction ?? -1),
    'shell.microphone': ({ wanted }, window) => allowMicrophone(window.webContents, wanted),
    'shell.ready': (_input, window) => hooks.ready(window.webContents),
  };
  for (const name of Object.keys(shellRequests) as ShellRequest[]) register(name, answers[name] as Answer<ShellRequest>);
}

function register(name: ShellRequest, answer: Answer<ShellRequest>): void {
  ipcMain.handle(name, (event: IpcMainInvokeEvent, input: unknown) => {
    const window = BrowserWindow.fromWebContents(event.sender);
    if (!window || !isTrusted(event)) throw new Error(`${name} is not answered to this page.`);
    const parsed = shellRequests[name].safeParse(input ?? {});
    if (!parsed.success) throw new Error(`${name} was asked with something it does not understand.`);
    return answer(parsed.data, window);
  });
}

async function open(window: BrowserWindow, options: OpenDialogOptions): Promise<string[]> {
  const result = await dialog.showOpenDialog(window, { defaultPath: app.getPath('home'), ...options });
  return result.canceled ? [] : result.filePaths;
}
