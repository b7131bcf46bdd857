import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { rng } from '../../core/rng.ts';
import type { Core } from '../core.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { drawCanvases, useCanvas } from './opened-canvas.ts';

type Request = ParsedInputOf<Calls['studio.shift']>;

/** Pictures that a mean is taken of, at most. */
const SAMPLE = 192;
/** Means that are kept, of latents by weights and by what they are the mean of. */
const kept = new Map<string, Promise<Float32Array>>();
const MOST_KEPT = 64;

/**
 * Moves a picture along attributes in latent space (Larsen et al. 2016, section 4.2): the mean of some pictures less the mean of all. Only
 * codes that the move changes are changed, so that what writing a picture down loses is not lost twice.
 */
export function shift(core: Core, request: Request): Promise<OutputOf<Calls['studio.shift']>> {
  return useCanvas(core, request, async (canvas) => {
    const { own, shape, opened } = canvas;
    const { trained } = opened;
    if (shape.rows !== own[0].height || shape.columns !== own[0].width) {
      throw new AtelierError('bad-input', `Attributes are of pictures of ${own[0].width} by ${own[0].height} codes; the canvas has ${shape.columns} by ${shape.rows}.`, 'Take a canvas of the size that the model was trained on.');
    }
    const active = request.shifts.filter(({ amount }) => amount !== 0);
    const codes = request.codes.slice();
    if (active.length > 0) {
      const latent = await trained.encode(await trained.decodeCodes(codes));
      const moved = latent.slice();
      for (const { label, items, amount } of active) {
        const direction = await directionOf(opened, label, items);
        for (let i = 0; i < moved.length; i++) moved[i] += amount * direction[i];
      }
      const written = async (z: Float32Array) => trained.encodeCodes(await trained.decode(z));
      const before = await written(latent);
      const after = await written(moved);
      for (let i = 0; i < codes.length; i++) if (after[i] !== before[i]) codes[i] = after[i];
    }
    return { codes, picture: (await drawCanvases(canvas, codes))[0] };
  });
}

/** Mean latent of a class or of some items, less that of all. `[L]` */
async function directionOf(opened: OpenedRun, label: string | undefined, items: readonly number[] | undefined): Promise<Float32Array> {
  if ((label === undefined) === (items === undefined)) throw new AtelierError('bad-input', 'It must be said what an attribute is the mean of.', 'Name either a class or items of the run\'s data.');
  const images = await opened.images();
  const { train } = images.split;
  let members: Int32Array;
  if (label !== undefined) {
    const at = images.classes.indexOf(label);
    if (at < 0) throw new AtelierError('bad-input', `"${images.name}" has no class "${label}".`, `Its classes are: ${images.classes.slice(0, 20).join(', ')}.`);
    members = train.filter((item) => images.labels[item] === at);
    if (members.length < 2) throw new AtelierError('bad-input', `The class "${label}" has ${members.length} pictures to learn an attribute from; two are needed.`, 'Choose another class.');
  } else {
    members = Int32Array.from(items!);
    const beyond = members.find((item) => item >= images.count);
    if (beyond !== undefined) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${beyond}.`, 'Items count from 0.');
  }
  const [some, all] = [await meanOf(opened, members), await meanOf(opened, train)];
  return some.map((value, i) => value - all[i]);
}

function meanOf(opened: OpenedRun, items: Int32Array): Promise<Float32Array> {
  const chosen = rng(0, 'attribute').shuffle(items.slice()).subarray(0, SAMPLE).sort();
  const key = `${opened.trained.fingerprint} ${chosen.join(' ')}`;
  const known = kept.get(key);
  if (known) return known;
  const found = (async () => {
    const { trained } = opened;
    const images = await opened.images();
    const sum = new Float32Array(trained.model.latent.size);
    for (let from = 0; from < chosen.length; from += 32) {
      const latents = await trained.encode(Float32Array.from(await images.read(chosen.subarray(from, from + 32))));
      for (let i = 0; i < latents.length; i++) sum[i % sum.length] += latents[i] / chosen.length;
    }
    return sum;
  })();
  kept.set(key, found);
  found.catch(() => kept.delete(key));
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  return found;
}
