import { InvalidArgumentError, Option, type Command } from 'commander';
import type { InverseReport, JobInfo } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { openVectors } from '../../data/tables/index.ts';
import { common, type Context } from '../context.ts';
import { savePicture } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';
import { figure, table } from '../table.ts';
import { openPoints } from './map.ts';

const MOST = 256;

export function addInverse(program: Command, context: Context): void {
  common(program.command('inverse <run>'))
    .description('decode positions of a projection of a run\'s latents: pictures for places where no item is')
    .option('--positions <file>', 'table with columns x, y and z (csv, tsv, parquet, jsonl, npy)')
    .option('--out <file>', 'sheet of what the places decode to (.png or .webp)')
    .option('--evaluate', 'hold items out, place them, invert and decode them, and tell the error beside that of the nearest item')
    .option('--held-out <share>', 'share of the items that is held out', number(0.01, 0.5), 0.1)
    .option('--layout <id>', 'frame:<step>, pca:0,1,2, raw:0,1,2 or a kept projection (default: the newest frame of the run\'s map)')
    .addOption(new Option('--method <name>', 'project the latents by this first').choices(['pca', 'umap', 'tsne']))
    .addOption(new Option('--dims <count>', 'dimensions of that projection').choices(['2', '3']).default('3'))
    .addOption(new Option('--items <name>', 'which items of the run').choices(['map', 'train', 'validation', 'test', 'all']).default('map'))
    .option('--seed <integer>', 'the same seed gives the same result', whole(), 0)
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (given: string, options) => {
      context.use(options);
      if (!options.evaluate && (options.positions === undefined || options.out === undefined)) throw new InvalidArgumentError('Give --positions and --out, or --evaluate.');
      if (options.layout !== undefined && options.method !== undefined) throw new InvalidArgumentError('--layout and --method exclude each other.');
      const source = await openPoints(context, given, options);
      if (!source.decoder) throw new AtelierError('bad-input', `${given} is no run, so nothing decodes it.`, 'Name the folder of a run; `atelier runs list` shows them.');
      const layout = options.layout ?? (options.method ? await projected(context, source.id, options) : (source.layouts.find((l) => l.kind === 'frame') ?? source.layouts.find((l) => l.inverse)!).id);
      if (options.evaluate) {
        const report = await context.call('explore.evaluate', { source: source.id, layout, heldOut: options.heldOut, seed: options.seed });
        return context.result(report, told(report));
      }
      const positions = await positionsOf(context.path(options.positions));
      const n = positions.length / 3;
      const decoded = await context.call('explore.places', { source: source.id, layout, positions });
      const out = await savePicture(context.path(options.out), decoded.sheet);
      const confidence = Array.from(decoded.confidence);
      context.result({ out, layout, count: n, confidence, nearest: Array.from(decoded.nearest) }, `${n} places of ${layout} in ${out}; confidence ${confidence.map((c) => figure(c)).slice(0, 12).join(', ')}${n > 12 ? ', ...' : ''}`);
    });
}

async function projected(context: Context, source: string, options: { method: 'pca' | 'umap' | 'tsne'; dims: string; seed: number }): Promise<string> {
  context.note(`Projecting by ${options.method}`);
  const { job, layout } = await context.call('layouts.start', { source, method: options.method, dims: Number(options.dims) as 2 | 3, seed: options.seed, quality: false });
  const { subscribers } = await context.service();
  const ended = await new Promise<JobInfo>((resolve) => {
    const stop = subscribers['jobs.events']({}, (jobs) => {
      const found = jobs.find((j) => j.id === job);
      if (!found || !['done', 'failed', 'cancelled'].includes(found.state)) return;
      queueMicrotask(() => stop());
      resolve(found);
    });
  });
  if (ended.state !== 'done') throw new AtelierError((ended.error?.code as 'internal') ?? 'cancelled', ended.error?.message ?? 'The projection was called off.', ended.error?.remedy ?? 'Start it again.');
  return layout;
}

/** [N, 3]; a table of two columns has z = 0. */
async function positionsOf(path: string): Promise<Float32Array> {
  const read = await openVectors(path, { coordinates: true });
  read.close();
  if (read.d !== 2 && read.d !== 3) throw new AtelierError('bad-input', `${path} has ${read.d} columns of numbers; x, y and z were expected.`, 'Write one place a row.');
  if (read.n > MOST) throw new AtelierError('bad-input', `${path} has ${read.n} places; up to ${MOST} are decoded at a time.`, 'Write fewer.');
  if (read.excluded.length > 0) throw new AtelierError('bad-input', `${path}: ${read.warnings[0]}`, 'Every place needs finite coordinates.');
  return Float32Array.from({ length: read.n * 3 }, (_, i) => (i % 3 < read.d ? read.values[Math.floor(i / 3) * read.d + (i % 3)] : 0));
}

function told(r: InverseReport): string {
  const row = (name: string, { mse, psnrDb }: { mse: number; psnrDb: number }): (string | number)[] => [name, mse.toFixed(5), `${psnrDb.toFixed(2)} dB`];
  return [
    table(['held-out items decoded from', 'mean square error', 'PSNR'], [row('their own latent', r.reconstruction), row('the inverse of their place', r.inverted), row('the nearest item\'s latent', r.nearest)]),
    `${r.items} items; ${r.layout}, ${r.inverse} inverse; better than the nearest item for ${(r.better * 100).toFixed(0)} % of them.`,
    `Error in the latents, in units of their spread: ${figure(r.latentError.inverted)} against ${figure(r.latentError.nearest)}. Rank correlation of confidence with error: ${figure(r.confidenceCorrelation)}.`,
  ].join('\n');
}
