/** What the page may ask of the shell: a few named calls, each validated again in main. No channel is open to it otherwise. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { ShellApi, ShellInput, ShellRequest } from '../contract/shell.ts';
import { enginePortMessage, shellChannels, type MenuCommand } from '../contract/shell-names.ts';

declare const window: { postMessage(message: unknown, target: string, ports: readonly unknown[]): void };
declare const location: { origin: string };

const ask = <R extends ShellRequest>(name: R, input: ShellInput<R>): Promise<never> => ipcRenderer.invoke(name, input) as Promise<never>;

function listen<T>(channel: string, listener: (value: T) => void): () => void {
  const heard = (_event: unknown, value: T): void => listener(value);
  ipcRenderer.on(channel, heard);
  return () => void ipcRenderer.off(channel, heard);
}

ipcRenderer.on(shellChannels.port, (event) => window.postMessage(enginePortMessage, location.origin, event.ports));

const api: ShellApi = {
  platform: process.platform,
  version: process.argv.find((part) => part.startsWith('--atelier-version='))?.split('=')[1] ?? '',
  connectEngine: () => ipcRenderer.send(shellChannels.connect),
  onEngineGone: (listener) => listen(shellChannels.gone, () => listener()),
  pickFolder: (options = {}) => ask('shell.pick-folder', options),
  pickFiles: (options = {}) => ask('shell.pick-files', options),
  savePath: (options = {}) => ask('shell.save-path', options),
  pathOf: (file) => webUtils.getPathForFile(file as never),
  revealInFolder: (path) => ask('shell.reveal', { path }),
  setTheme: (theme) => ask('shell.theme', { theme }),
  setProgress: (fraction) => ask('shell.progress', { fraction }),
  wantMicrophone: (wanted) => ask('shell.microphone', { wanted }),
  ready: () => ask('shell.ready', {}),
  onCommand: (listener) => listen<MenuCommand>(shellChannels.command, listener),
  onOpenPaths: (listener) => listen<string[]>(shellChannels.open, listener),
};

contextBridge.exposeInMainWorld('atelier', api);
