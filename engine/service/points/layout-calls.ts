import { randomUUID } from 'node:crypto';
import type { Handlers, LayoutFrame, LayoutInfo, Subscribers } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Core } from '../core.ts';
import { padded, type LaidOut, type LayoutSettings } from '../projections/lay-out.ts';
import type { Sources, Source } from './sources.ts';

type LayoutHandlers = Pick<Handlers, Extract<keyof Handlers, `layouts.${string}`>>;

const METHODS = { pca: 'PCA', umap: 'UMAP', tsne: 't-SNE' };
/** Points of a moving layout that are sent a second, at most. */
const POINTS_A_SECOND = 400_000;
const MOST_MOVING = 120_000;

/** Projections as jobs: they are computed in threads, seen while they move, and kept in the project. */
export function layoutCallHandlers(core: Core, sources: Sources): { handlers: LayoutHandlers; subscribers: Pick<Subscribers, 'layouts.frames'> } {
  const followers = new Map<string, Set<(frame: LayoutFrame) => void>>();
  const handlers: LayoutHandlers = {
    async 'layouts.start'(request) {
      const source = await sources.get(request.source);
      const rows = source.near.rows();
      const { pointsOf, asBits } = await import('../../data/points/index.ts');
      const only = request.points && pointsOf(asBits(request.points, rows.n), rows.n);
      if (only && only.length < 2) throw new AtelierError('bad-input', `${only.length === 1 ? 'One point is' : 'No points are'} chosen; a layout takes two.`, 'Select more points, or all.');
      const classes = request.supervise ? Int32Array.from((await source.table.classes(request.supervise)).codes, (c) => Math.max(-1, c)) : undefined;
      const align = request.align ? (await source.layouts.get(request.align)).positions : undefined;
      const id = `layout-${randomUUID()}`;
      const name = source.layouts.freeName(request.name ?? `${METHODS[request.method]}${request.dims === 2 ? ' 2D' : ''}`);
      const settings: LayoutSettings = request;
      const send = throttledFrames((frame) => followers.get(id)?.forEach((follow) => follow(frame)), id, settings);
      const job = core.jobs.start({
        kind: 'project', title: `${name} of ${source.title}`, run: null,
        start(progress) {
          const input = { rows, settings: plain(settings), known: source.near.known(request.metric), classes, align, only };
          const task = core.workers.start('layout', input, { progress, frame: send });
          return { ...task, output: task.output.then((done) => kept(source, id, name, request, done)) };
        },
        ended: (output) => ({ state: 'done', result: output as string }),
      });
      void core.jobs.settled(job.id).finally(() => followers.delete(id)).catch(() => {});
      return { job: job.id, layout: id };
    },
    'layouts.list': async ({ source }) => (await sources.get(source)).layouts.list(),
    'layouts.rename': async ({ source, layout, name }) => (await sources.get(source)).layouts.rename(layout, name),
    async 'layouts.remove'({ source, layout }) {
      await (await sources.get(source)).layouts.remove(layout);
      return null;
    },
    async 'layouts.components'({ source, count }) {
      const { variances, totalVariance } = await (await sources.get(source)).layouts.components();
      return { explained: Array.from(variances.subarray(0, count), (v) => (totalVariance > 0 ? v / totalVariance : 0)) };
    },
  };
  return {
    handlers,
    subscribers: {
      'layouts.frames'({ layout }, emit) {
        const set = followers.get(layout) ?? new Set();
        followers.set(layout, set.add(emit));
        return () => {
          set.delete(emit);
          if (set.size === 0) followers.delete(layout);
        };
      },
    },
  };
}

async function kept(source: Source, id: string, name: string, request: Parameters<LayoutHandlers['layouts.start']>[0], done: LaidOut): Promise<string> {
  if (done.neighbours) source.near.keep(request.metric, done.neighbours);
  const { method, dims, metric, seed } = request;
  const own: LayoutInfo['parameters'] = method === 'umap' ? { neighbours: request.neighbours, minDist: request.minDist, spread: request.spread, supervise: request.supervise ?? null } : method === 'tsne' ? { perplexity: request.perplexity } : {};
  const info: LayoutInfo = {
    id, name, kind: method, dims, bounds: null,
    axes: Array.from({ length: dims }, (_, a) => (method === 'pca' ? `PC ${a + 1} (${((done.explained?.[a] ?? 0) * 100).toFixed(1)} %)` : `${METHODS[method]} ${a + 1}`)),
    explained: done.explained, quality: done.quality, qualityColumns: [], inverse: source.spec.kind === 'run' ? 'local' : null, createdAt: new Date().toISOString(),
    parameters: { metric, seed, ...own, ...(request.epochs ? { epochs: request.epochs } : {}), ...(request.points ? { subset: true } : {}), seconds: Math.round((done.seconds.neighbours + done.seconds.layout + done.seconds.quality) * 10) / 10 },
  };
  const quality = Object.fromEntries(done.columns.map((c) => [`${c.name.replace('_', ' ')} (${name})`, c.values]));
  await source.layouts.keep(info, { positions: padded(done.positions, dims), quality });
  return id;
}

/** Frames thinned and spaced so that a window can follow. */
function throttledFrames(send: (frame: LayoutFrame) => void, layout: string, settings: LayoutSettings): (frame: { epoch: number; positions: Float32Array }) => void {
  let next = 0;
  return ({ epoch, positions }) => {
    const now = performance.now();
    if (now < next) return;
    const { dims } = settings;
    const n = positions.length / dims;
    const stride = Math.ceil(n / MOST_MOVING);
    const count = Math.ceil(n / stride);
    next = now + Math.max(80, (count / POINTS_A_SECOND) * 1000);
    const some = stride === 1 ? padded(positions, dims) : padded(Float32Array.from({ length: count * dims }, (_, i) => positions[Math.floor(i / dims) * stride * dims + (i % dims)]), dims);
    send({ layout, epoch, epochs: settings.epochs ?? (settings.method === 'tsne' ? 750 : n <= 10_000 ? 500 : 200), indices: stride === 1 ? null : Int32Array.from({ length: count }, (_, i) => i * stride), positions: scaled(some) });
  };
}

/** Within the unit sphere about its middle. */
function scaled(positions: Float32Array): Float32Array {
  const mean = [0, 0, 0];
  const n = positions.length / 3;
  for (let i = 0; i < positions.length; i++) mean[i % 3] += positions[i] / n;
  let farthest = 0;
  for (let i = 0; i < n; i++) farthest = Math.max(farthest, Math.hypot(positions[i * 3] - mean[0], positions[i * 3 + 1] - mean[1], positions[i * 3 + 2] - mean[2]));
  const out = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i++) out[i] = farthest > 0 ? (positions[i] - mean[i % 3]) / farthest : 0;
  return out;
}

/** Only what a thread needs to be told. */
const plain = ({ method, dims, metric, neighbours, minDist, spread, epochs, perplexity, seed, quality }: LayoutSettings): LayoutSettings => ({ method, dims, metric, neighbours, minDist, spread, epochs, perplexity, seed, quality });
