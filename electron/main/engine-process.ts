import { join } from 'node:path';
import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron';
import { shutdownPatienceMs, type MainToHost } from '../contract/host-process.ts';
import { shellChannels } from '../contract/shell.ts';
import { mayRecover, revivalDelayMs } from './revival.ts';

/** The process that holds the service and the engine. When it dies it is started again and its windows get a new port. */
export class EngineProcess {
  readonly #script: string;
  readonly #pages = new Set<WebContents>();
  readonly #deaths: number[] = [];
  #child: UtilityProcess | null = null;
  #closing = false;

  /** @param script the bundled host */
  constructor(script: string) {
    this.#script = script;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Hands the page a port to the engine, now and after each death of the engine, until the page is gone. */
  connect(page: WebContents): void {
    if (!this.#pages.has(page)) {
      this.#pages.add(page);
      page.once('destroyed', () => this.#pages.delete(page));
    }
    this.#handPort(page);
  }

  /** Ends the engine: it may save first. Resolves when its process is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(() => child.kill(), shutdownPatienceMs);
      child.once('exit', () => {
        clearTimeout(patience);
        resolve();
      });
      this.#tell({ type: 'shutdown' });
    });
  }

  /** @param dead the process whose trainings the new one goes on with */
  #start(dead?: number): void {
    const child = utilityProcess.fork(this.#script, dead ? ['--recover', String(dead)] : [], { serviceName: 'Latent Atelier engine', stdio: 'inherit', cwd: join(this.#script, '..') });
    this.#child = child;
    let pid: number | undefined;
    child.once('spawn', () => (pid = child.pid));
    child.once('exit', (code) => {
      this.#child = null;
      if (this.#closing) return;
      const now = Date.now();
      this.#deaths.push(now);
      const delay = revivalDelayMs(this.#deaths, now);
      process.stderr.write(`The engine ended (code ${code}); it is started again${delay ? ` in ${delay / 1000} s` : ''}.\n`);
      for (const page of this.#pages) page.send(shellChannels.gone);
      setTimeout(() => this.#revive(mayRecover(this.#deaths, now) ? pid : undefined), delay);
    });
  }

  #revive(dead?: number): void {
    if (this.#closing) return;
    this.#start(dead);
    for (const page of this.#pages) this.#handPort(page);
  }

  #handPort(page: WebContents): void {
    if (!this.#child || page.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    this.#tell({ type: 'connect' }, port1);
    page.postMessage(shellChannels.port, null, [port2]);
  }

  #tell(message: MainToHost, port?: Electron.MessagePortMain): void {
    this.#child?.postMessage(message, port ? [port] : []);
  }
}
