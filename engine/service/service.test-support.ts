import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Calls, CallName, EventOf, InputOf, JobInfo, OutputOf, StreamName, Streams } from '../../electron/contract/index.ts';
import { silent } from '../core/log.ts';
import { answer, subscribe } from './answer.ts';
import { createService, type Service } from './index.ts';

/** The program of the job threads, bundled when its sources changed. @param parts others that the test needs, such as `renderer` for served pages */
export async function builtWorker(...parts: string[]): Promise<URL> {
  const bundler = new URL('../../build/bundle.mjs', import.meta.url).href;
  const { bundle } = (await import(bundler)) as { bundle(parts: string[]): Promise<void> };
  await bundle(['engine', ...parts]);
  return new URL('../../dist/job-worker.mjs', import.meta.url);
}

/** Folders of a test, with the user's folder among them, so that nobody's own recents and caches are touched. */
export async function testFolders(): Promise<{ root: string; free(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'atelier-service-'));
  const before = process.env.ATELIER_HOME;
  process.env.ATELIER_HOME = join(root, 'home');
  return {
    root,
    async free() {
      if (before === undefined) delete process.env.ATELIER_HOME;
      else process.env.ATELIER_HOME = before;
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Small pictures of two classes: discs and squares, each its own colour and place. */
export async function makePictures(folder: string, perClass = 24, size = 8): Promise<string> {
  for (const [kind, name] of ['disc', 'square'].entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const colour = `hsl(${(i * 360) / perClass}, 80%, ${kind ? 40 : 60}%)`;
      const at = 2 + (i % 3);
      const shape = kind ? `<rect x="${at - 1}" y="${at - 1}" width="4" height="4" fill="${colour}"/>` : `<circle cx="${at + 1}" cy="${at + 1}" r="2.5" fill="${colour}"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 8 8"><rect width="8" height="8" fill="white"/>${shape}</svg>`;
      await sharp(Buffer.from(svg)).png().toFile(join(folder, name, `${i}.png`));
    }
  }
  return folder;
}

export interface TestClient {
  service: Service;
  call<N extends CallName>(name: N, input: InputOf<Calls[N]>): Promise<OutputOf<Calls[N]>>;
  follow<N extends StreamName>(name: N, input: InputOf<Streams[N]>): { events: EventOf<Streams[N]>[]; stop(): void };
  /** Waits until the job is in one of the states. */
  until(job: string, ...states: JobInfo['state'][]): Promise<JobInfo>;
}

export async function testClient(project: string | undefined, worker: URL): Promise<TestClient> {
  const service = await createService({ project, log: silent, worker });
  const call = async <N extends CallName>(name: N, input: InputOf<Calls[N]>): Promise<OutputOf<Calls[N]>> => (await answer(service, name, input, new AbortController().signal)) as OutputOf<Calls[N]>;
  return {
    service,
    call,
    follow(name, input) {
      const events: never[] = [];
      return { events, stop: subscribe(service, name, input, (event) => void events.push(event as never)) };
    },
    async until(id, ...states) {
      for (;;) {
        const job = (await call('jobs.list', {})).find((j) => j.id === id);
        if (!job) throw new Error(`There is no job ${id}.`);
        if (states.includes(job.state)) return job;
        if (job.state === 'failed' || job.state === 'cancelled' || job.state === 'done') throw new Error(`The job ended as ${job.state}: ${job.error?.message ?? ''}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
