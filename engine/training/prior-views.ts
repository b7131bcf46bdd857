import type { PriorModel } from '../priors/index.ts';
import { priorSampler } from '../priors/sampler.ts';
import { encodeSheet } from '../image/index.ts';
import { heldOut } from './evaluate.ts';
import { PREVIEW_COLUMNS, type Views, type ViewsContext } from './views.ts';
import type { Trained } from './types.ts';

const SHOWN = 16;
/** Classes among the samples. */
const CLASS_ROWS = 4;
/** The most that drawing previews may take of the time: a large grid takes seconds to draw. */
const SHARE = 0.1;

/**
 * What a prior shows while it trains: samples, and held-out pictures whose lower half it has drawn anew from the codes of the upper.
 * It has no map; the codec's serves.
 */
export function createPriorViews({ run, images, model, device, state, weights }: ViewsContext, codec: Trained): Views {
  const prior = model as PriorModel;
  const { cells } = prior;
  const shown = heldOut(images, SHOWN);
  const names = prior.params.map((p) => p.name);
  const sheet = async (codes: Int32Array) => {
    const { height: h, width: w, channels } = codec.model.input;
    return encodeSheet(await codec.decodeCodes(codes), codes.length / cells, h, w, channels as 1 | 3 | 4, { columns: PREVIEW_COLUMNS });
  };
  let sampler: ReturnType<typeof priorSampler> | undefined;
  /** When the next preview may be made; the last step's is always. */
  let due = 0;
  return {
    frequencies: null,
    async preview(step) {
      const began = performance.now();
      if (step < (run.info.training.steps ?? 0) && began < due) return false;
      const now = await state.read(names.map((name) => weights + name));
      const values = Object.fromEntries(names.map((name) => [name, now[weights + name].slice()]));
      if (sampler) await sampler.load(values);
      else sampler = priorSampler(device, prior, values);
      // A class a row, the same random numbers in each.
      const rows = prior.usesLabels ? Math.min(CLASS_ROWS, images.classes.length) : 0;
      const places = Array.from({ length: rows ? rows * PREVIEW_COLUMNS : SHOWN }, (_, i) => i);
      const byClass = rows ? { labels: places.map((i) => Math.floor(i / PREVIEW_COLUMNS)), streams: places.map((i) => i % PREVIEW_COLUMNS) } : {};
      const drawn = await sampler.sample(places.length, run.info.seed, byClass);
      const originals = Int32Array.from(await images.read(shown));
      const lower = new Uint8Array(cells);
      for (const { grid } of prior.levels) lower.fill(1, grid.at + (grid.height >> 1) * grid.width, grid.at + grid.height * grid.width);
      const completed = await sampler.sample(shown.length, run.info.seed, {
        given: { codes: originals, mask: lower },
        labels: prior.usesLabels ? Int32Array.from(shown, (i) => images.labels[i] ?? -1) : undefined,
      });
      await run.savePreview(step, { originals: await sheet(originals), reconstructions: await sheet(completed), samples: await sheet(drawn), codeUsage: null, klPerDimension: null });
      const ended = performance.now();
      due = ended + (ended - began) * (1 / SHARE - 1);
      return {};
    },
    frame: async () => false,
    dispose: () => sampler?.dispose(),
  };
}
