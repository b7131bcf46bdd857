import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { DeviceId } from './types.ts';

/** What a trial in a process of its own came to. */
export interface Trial {
  works: boolean;
  /** The error as the library words it; empty when it works. */
  error: string;
  timedOut: boolean;
}

const LIMIT_MS = 30_000;

/**
 * Run in a child process, because a faulty driver can bring its process down. Reads a job from standard input, prints one line
 * of JSON. `file` is a path, resolved by the parent.
 */
const SCRIPT = `
let text = '';
process.stdin.on('data', (d) => (text += d)).on('end', async () => {
  const job = JSON.parse(text);
  const done = (value) => process.stdout.write('\\n@@' + JSON.stringify(value) + '\\n', () => process.exit(0));
  try {
    const library = require(job.file);
    if (job.provider === 'tensorflow') {
      const y = library.matMul(library.tensor2d([[1, 2], [3, 4]]), library.tensor2d([[1, 0], [0, 1]])).dataSync();
      return done({ sum: y[0] + y[1] + y[2] + y[3] });
    }
    const session = await library.InferenceSession.create(Buffer.from(job.model, 'base64'), { executionProviders: [job.provider], logSeverityLevel: 4 });
    const out = await session.run({ x: new library.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) });
    const y = out.y.data;
    done({ sum: y[0] + y[1] + y[2] + y[3] });
  } catch (error) {
    done({ error: String((error && error.message) || error) });
  }
});
`;

/** Where a package lies, or undefined where it is not installed. */
export function locate(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

/**
 * Tries a provider on a 2x2 product in a child process with a time limit.
 * @param library path of the package's main file
 * @param model an ONNX model with the input `x` [2, 2] and the output `y` = x * x
 */
export function tryProvider(provider: DeviceId, library: string, model: Uint8Array, limitMs = LIMIT_MS): Promise<Trial> {
  const expected = provider === 'tensorflow' ? 10 : 7 + 10 + 15 + 22;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', SCRIPT], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' }, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    let out = '';
    let err = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stdout.on('data', (d) => (out += d));
    child.stderr.on('data', (d) => (err += d));
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify({ provider, file: library, model: Buffer.from(model).toString('base64') }));
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ works: false, error: error.message, timedOut });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const line = out.split('\n').find((l) => l.startsWith('@@'));
      const answer = line ? (JSON.parse(line.slice(2)) as { sum?: number; error?: string }) : undefined;
      if (answer?.sum !== undefined) {
        const works = Math.abs(answer.sum - expected) < 1e-3;
        resolve({ works, error: works ? '' : `a product of two matrices came out wrong (${answer.sum} instead of ${expected})`, timedOut });
        return;
      }
      const fallback = `its process ended with ${signal ?? `code ${code}`}${err ? `: ${err.trim().split('\n').pop()}` : ''}`;
      resolve({ works: false, error: answer?.error ?? fallback, timedOut });
    });
  });
}
