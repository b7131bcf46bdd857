import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** In ms: by the clock, and of the processor, which other programs disturb less. */
export type StepTime = readonly [wall: number, cpu: number];

/** The same training step elsewhere. */
export interface Peer {
  version: string;
  /** Times of `count` steps. */
  steps(count: number): Promise<StepTime[]>;
  close(): void;
}

/** Why there is none, and what to do. */
export interface NoPeer {
  reason: string;
}

/** A script of build/bench; unset where it is not part of the installation. */
export function peerScript(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'build', 'bench', name);
    if (existsSync(path)) return path;
  }
  return undefined;
}

const INSTALL = 'On Debian: "apt-get install python3-torch libopenblas0-pthread" (without OpenBLAS its matrix products are several times slower and the comparison unfair); elsewhere: "pip install torch".';

/** Starts PyTorch on one workload, by the first Python that has it: $ATELIER_PYTHON, python3, /usr/bin/python3. */
export async function torchPeer(workload: string, batch: number, threads: number): Promise<Peer | NoPeer> {
  const path = peerScript('torch_peer.py');
  if (!path) return { reason: 'build/bench/torch_peer.py is not part of this installation; run the benchmark from the sources.' };
  const pythons = process.env.ATELIER_PYTHON ? [process.env.ATELIER_PYTHON] : ['python3', '/usr/bin/python3'];
  for (const python of pythons) {
    const peer = await start(python, [path, workload, String(batch), String(threads)]);
    if (peer) return peer;
  }
  return { reason: `PyTorch is not installed. ${INSTALL}` };
}

function start(python: string, args: string[]): Promise<Peer | undefined> {
  // A core type forced for other programs would slow OpenBLAS down.
  const { OPENBLAS_CORETYPE: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = spawn(python, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.on('error', () => resolve(undefined));
    child.stdin.on('error', () => {});
    void lines.next().then(({ value, done }) => {
      if (done) return resolve(undefined);
      resolve({
        version: (JSON.parse(value) as { torch: string }).torch,
        async steps(count) {
          child.stdin.write(`${count}\n`);
          return JSON.parse((await lines.next()).value as string) as StepTime[];
        },
        close: () => void child.kill(),
      });
    });
  });
}
