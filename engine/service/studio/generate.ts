import type { GenerateEvent, ParsedInputOf, Recipe, Streams, Subscribers } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { gridsOf } from '../../models/grids.ts';
import { addToGallery } from '../../store/gallery.ts';
import type { Core } from '../core.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { priorsOf } from './priors.ts';

type Request = ParsedInputOf<Streams['studio.generate']>;

/** Pictures drawn at once: small enough that the first are soon there. */
const TOGETHER = 8;

/** Pictures from a run, one after another, into the project's gallery. */
export function generateSubscribers(core: Core): Pick<Subscribers, 'studio.generate'> {
  return {
    'studio.generate'(request, emit) {
      const control = new AbortController();
      const began = performance.now();
      generate(core, request, control.signal, emit).then(
        (note) => emit({ type: 'done', note, seconds: (performance.now() - began) / 1000 }),
        (error: unknown) => {
          if (!control.signal.aborted) emit({ type: 'failed', error: toAtelierError(error, 'drawing pictures').toValue() });
        },
      );
      return () => control.abort();
    },
  };
}

/** @returns what they were drawn from, for people */
export async function generate(core: Core, request: Request, signal: AbortSignal, emit: (event: GenerateEvent) => void): Promise<string> {
  const project = await core.project();
  return useDrawer(core, request, async ({ trained }) => {
    const { info } = trained;
    const { height, width, channels } = trained.model.input;
    const size = height * width * channels;
    const labels = sharedOut(request);
    const { temperature, topK, topP, guidance, seed } = request;
    const grids = trained.model.latent.kind === 'codes' ? gridsOf(trained.model.latent) : null;
    let note = '';
    for (let from = 0; from < request.count; from += TOGETHER) {
      const n = Math.min(TOGETHER, request.count - from);
      if (signal.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
      const { encodePicture } = await import('../../image/index.ts');
      const asked = labels?.slice(from, from + n);
      const drawn = await draw(trained, request, from, n, asked);
      note = drawn.note;
      for (let i = 0; i < n; i++) {
        const picture = await encodePicture(drawn.images.subarray(i * size, (i + 1) * size), height, width, channels as 1 | 3 | 4, { mime: 'image/png' });
        const cells = drawn.codes ? drawn.codes.length / n : 0;
        const made: Recipe = {
          kind: 'sample', run: info.codec?.run ?? request.run, runName: info.codec?.name ?? info.name, fingerprint: trained.fingerprint, step: trained.step,
          ...(info.codec ? { prior: info.run } : {}), seed, index: from + i, label: asked?.[i], temperature, topK, topP, guidance,
          ...(drawn.codes && grids ? { canvas: { rows: grids[0].height, columns: grids[0].width, codes: Array.from(drawn.codes.subarray(i * cells, (i + 1) * cells)) } } : {}),
        };
        emit({ type: 'picture', index: from + i, item: await addToGallery(project.path, picture.bytes, made), picture });
      }
    }
    return note;
  });

  async function draw(trained: OpenedRun['trained'], { seed, temperature, topK, topP, guidance, label }: Request, from: number, n: number, asked: readonly string[] | undefined): Promise<{ images: Float32Array; codes?: Int32Array; note: string }> {
    const options = { temperature, topK, topP, guidance };
    if (!trained.prior) {
      // The whole series is drawn, for the pictures of a seed do not hang on how many are taken at once.
      const all = await trained.sample(request.count, { ...options, seed, label: asked?.[0] ?? label });
      const size = all.images.length / request.count;
      return { images: all.images.subarray(from * size, (from + n) * size), note: all.note };
    }
    const { classes } = trained.info.data;
    const numbers = asked && trained.prior.conditional ? Int32Array.from(asked, (name) => classNumber(classes, name, trained.info.name)) : undefined;
    if (asked && !numbers) throw new AtelierError('bad-input', `The prior "${trained.info.name}" does not know classes.`, 'Leave the class out, or train a prior with classes.');
    const streams = Array.from({ length: n }, (_, i) => from + i);
    const codes = await trained.prior.sample(n, {
      ...options, seed, streams, labels: numbers ?? (trained.prior.conditional ? new Int32Array(n).fill(-1) : undefined),
      onProgress: (done, of) => {
        if (signal.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
        emit({ type: 'progress', done: (from + (n * done) / of) / request.count });
      },
    });
    return { images: await trained.decodeCodes(codes), codes, note: `Drawn by the prior "${trained.info.name}" at temperature ${temperature}.` };
  }
}

/** The prior of a run where there is one, else the run itself. */
async function useDrawer<T>(core: Core, { run, step, prior }: Request, work: (opened: OpenedRun) => Promise<T>): Promise<T> {
  return core.trained.use(run, step, async (opened) => {
    const { trained } = opened;
    if (trained.prior || trained.model.latent.kind !== 'codes') return work(opened);
    const named = prior ?? (await priorsOf(core, trained.fingerprint))[0]?.run;
    if (named === undefined) return work(opened);
    return core.trained.use(named, undefined, (drawer) => {
      if (drawer.trained.info.codec?.fingerprint !== trained.fingerprint) {
        throw new AtelierError('bad-input', `The prior "${drawer.trained.info.name}" was trained on the codes of other weights than those of "${trained.info.name}".`, 'Take a prior trained on this run, or train one.');
      }
      return work(drawer);
    });
  });
}

/** The class of each picture, by weight: the largest remainders get what is left over. */
export function sharedOut({ count, label, labels }: Pick<Request, 'count' | 'label' | 'labels'>): string[] | undefined {
  if (label !== undefined) return Array<string>(count).fill(label);
  if (!labels?.length) return undefined;
  const sum = labels.reduce((total, { weight }) => total + weight, 0);
  const shares = labels.map(({ label: name, weight }) => ({ name, exact: (count * weight) / sum, n: Math.floor((count * weight) / sum) }));
  let left = count - shares.reduce((total, { n }) => total + n, 0);
  for (const share of [...shares].sort((a, b) => b.exact - b.n - (a.exact - a.n))) if (left-- > 0) share.n++;
  return shares.flatMap(({ name, n }) => Array<string>(n).fill(name));
}

function classNumber(classes: readonly string[], name: string, run: string): number {
  const at = classes.indexOf(name);
  if (at < 0) throw new AtelierError('bad-input', `"${run}" has never seen a class "${name}".`, `Its classes are: ${classes.slice(0, 20).join(', ')}.`);
  return at;
}
