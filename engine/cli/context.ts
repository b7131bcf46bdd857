import { isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Calls, CallName, EventOf, InputOf, OutputOf, StreamName, Streams as StreamTable } from '../../electron/contract/index.ts';
import { assetPath } from '../core/assets.ts';
import { AtelierError } from '../core/errors.ts';
import { silent, stderrLogger, type Logger } from '../core/log.ts';
import { answer, subscribe } from '../service/answer.ts';
import type { Service } from '../service/index.ts';

const SHIPPED_RUNS = ['emoji', 'emoji-prior', 'emoji-styles'];

/** Where a command writes; tests pass their own. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard error is a terminal on which a line may be overwritten. */
  interactive: boolean;
}

export interface CommonOptions {
  json?: boolean;
  project?: string;
  verbose?: boolean;
  quiet?: boolean;
}

/**
 * Folder that relative paths count from: where the user typed the command. `npm run` changes into the package's folder
 * and tells the former one in INIT_CWD.
 */
export function callersFolder(environment: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): string {
  return environment.npm_lifecycle_event === 'atelier' && environment.INIT_CWD ? environment.INIT_CWD : cwd;
}

/** What every command is given. */
export class Context {
  readonly streams: Streams;
  readonly folder: string;
  #service: Promise<Service> | null = null;
  #options: CommonOptions = {};

  constructor(streams: Streams, folder = callersFolder()) {
    this.streams = streams;
    this.folder = folder;
  }

  /** Takes over the options that all commands share. */
  use(options: CommonOptions): void {
    this.#options = options;
  }

  get json(): boolean {
    return this.#options.json === true;
  }

  get log(): Logger {
    if (this.#options.quiet) return silent;
    const { err } = this.streams;
    const real = stderrLogger(this.#options.verbose);
    return { debug: real.debug, info: this.#options.verbose ? (m) => err(`${m}\n`) : () => {}, warn: (m) => err(`warning: ${m}\n`), error: (m) => err(`error: ${m}\n`) };
  }

  /** A note to the person at the terminal; standard output stays free for results. */
  note(text: string): void {
    if (!this.#options.quiet) this.streams.err(`${text}\n`);
  }

  /** An absolute path from one as typed. `builtin:...` stays. */
  path(typed: string): string {
    return typed.startsWith('builtin:') || isAbsolute(typed) ? typed : resolve(this.folder, typed);
  }

  /** Folder of a run as typed; `builtin:emoji`, `builtin:emoji-prior` and `builtin:emoji-styles` are those that ship. @throws AtelierError 'not-found' for another `builtin:` */
  run(typed: string): string {
    if (!typed.startsWith('builtin:')) return this.path(typed);
    const name = typed.slice('builtin:'.length);
    if (!SHIPPED_RUNS.includes(name)) throw new AtelierError('not-found', `No run called "${typed}" ships with the application.`, `There are ${SHIPPED_RUNS.map((n) => `builtin:${n}`).join(' and ')}.`);
    return assetPath('sample', 'runs', name);
  }

  /** The engine, started when first asked for. */
  service(): Promise<Service> {
    this.#service ??= import('../service/index.ts').then(({ createService }) =>
      createService({ project: this.#options.project ? this.path(this.#options.project) : undefined, near: this.folder, log: this.log }),
    );
    return this.#service;
  }

  /** One call of the contract, validated like any other client's. */
  async call<N extends CallName>(name: N, input: InputOf<Calls[N]>, signal: AbortSignal = new AbortController().signal): Promise<OutputOf<Calls[N]>> {
    return (await answer(await this.service(), name, input, signal)) as OutputOf<Calls[N]>;
  }

  /** Follows a stream until an event ends it. @returns that event */
  async follow<N extends StreamName>(name: N, input: InputOf<StreamTable[N]>, on: (event: EventOf<StreamTable[N]>) => boolean): Promise<EventOf<StreamTable[N]>> {
    const service = await this.service();
    return new Promise((resolve) => {
      const stop = subscribe(service, name, input, (event) => {
        if (!on(event as EventOf<StreamTable[N]>)) return;
        setImmediate(() => stop());
        resolve(event as EventOf<StreamTable[N]>);
      });
    });
  }

  /** The command's one result: `value` as JSON with --json, else `text`. */
  result(value: unknown, text: string): void {
    this.streams.out(this.json ? `${JSON.stringify(value, jsonValue, 2)}\n` : `${text}\n`);
  }

  async close(): Promise<void> {
    const service = await this.#service?.catch(() => null);
    await service?.close();
  }
}

/** Typed arrays as lists; pictures without their bytes. */
function jsonValue(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return undefined;
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
}

/** Adds the options that all commands share. */
export function common(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on standard output')
    .option('--project <folder>', 'project to work in (default: the one around the current folder, else the last opened)')
    .option('--verbose', 'say more on standard error')
    .option('--quiet', 'say nothing on standard error but errors');
}
