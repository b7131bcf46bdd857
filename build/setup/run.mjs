// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { root } from './paths.mjs';

/** A step that failed in a way a person can act on; shown without a stack. */
export class Problem extends Error {}

/** @param {string} text */
export const say = (text) => void process.stderr.write(`${text}\n`);

/**
 * Runs a command to its end, its output shown.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, quiet?: boolean }} [options]
 * @returns {Promise<number>} its exit code; 128 + n when a signal ended it
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: options.quiet ? 'ignore' : 'inherit',
      shell: process.platform === 'win32' && !/\.exe$|[\\/]/.test(command),
    });
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => void child.kill(signal);
    const signals = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/**
 * Runs a command and gives back what it printed.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export function read(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: options.cwd ?? root,
    env: options.env ?? process.env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32' && !/\.exe$|[\\/]/.test(command),
  });
  return { ok: result.status === 0, status: result.status, out: result.stdout ?? '', err: result.stderr ?? String(result.error ?? '') };
}

/**
 * Runs a launcher's main function and ends the process with its exit code; a `Problem` is told in plain words.
 * @param {() => Promise<number | void>} main
 */
export async function launch(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    say(error instanceof Problem ? `\n${error.message}` : String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}
