import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, type Command } from 'commander';
import type { PointSource } from '../../../electron/contract/index.ts';
import { common, type Context } from '../context.ts';
import { exists } from '../exists.ts';
import { whole } from '../schema-options.ts';
import { serveApplication } from './serve.ts';
import { names } from './project.ts';

/** `WIDTHxHEIGHT` of one thumbnail. */
export function spriteSize(text: string): { width: number; height: number } {
  const found = /^(\d+)x(\d+)$/.exec(text);
  if (!found || Number(found[1]) < 1 || Number(found[2]) < 1) throw new InvalidArgumentError('Give width and height in pixels, such as 32x32.');
  return { width: Number(found[1]), height: Number(found[2]) };
}

/** Opens a table or a run for a map, as `map`, `inverse` and `points` name it. */
export async function openPoints(context: Context, given: string, options: { metadata?: string; columns?: string[]; sprite?: string; spriteSize?: { width: number; height: number }; items?: 'map' | 'train' | 'validation' | 'test' | 'all'; step?: number; codebook?: boolean }): Promise<PointSource> {
  const path = context.path(given);
  if (await exists(join(path, 'run.json'))) {
    return options.codebook ? context.call('points.open', { kind: 'codebook', run: path, step: options.step }) : context.call('points.open', { kind: 'run', run: path, items: options.items, step: options.step });
  }
  if ((options.sprite === undefined) !== (options.spriteSize === undefined)) throw new InvalidArgumentError('--sprite and --sprite-size belong together.');
  return context.call('points.open', {
    kind: 'table', path, metadata: options.metadata ? context.path(options.metadata) : undefined, vectors: options.columns,
    sprite: options.sprite && options.spriteSize ? { path: context.path(options.sprite), ...options.spriteSize } : undefined,
  });
}

export function addMap(program: Command, context: Context): void {
  common(program.command('map <table>'))
    .description('open a table or a run as a map: in the application, or without a display in a browser')
    .option('--metadata <file>', 'a second table with as many rows, in the same order')
    .option('--columns <names>', 'columns that make the vectors, with commas', names)
    .option('--sprite <file>', 'one picture of all thumbnails, row by row')
    .option('--sprite-size <WxH>', 'pixels of one thumbnail in it', spriteSize)
    .option('--port <integer>', 'port on 127.0.0.1 when it is served; 0 finds a free one', whole(0, 65535), 0)
    .option('--serve', 'serve it also where there is a display')
    .option('--check', 'only open the table and tell what is in it')
    .action(async (given: string, options) => {
      context.use(options);
      const source = await openPoints(context, given, options);
      for (const warning of source.warnings) context.log.warn(warning);
      if (options.check) return context.result(source, describe(source));
      let view = `#run=${encodeURIComponent(source.path)}`;
      if (source.kind === 'table') {
        const { sprite, spriteSize: size } = options;
        const entry = await context.call('tables.add', {
          path: source.path, metadata: options.metadata ? context.path(options.metadata) : undefined, vectors: options.columns,
          sprite: sprite && size ? { path: context.path(sprite), ...size } : undefined,
        });
        view = `#table=${encodeURIComponent(entry.id)}`;
      }
      const window = options.serve ? undefined : starter();
      if (window) {
        spawn(process.execPath, [window, source.path], { detached: true, stdio: 'ignore', cwd: context.folder }).unref();
        return context.result({ source: source.id, opened: 'application' }, `${describe(source)}\nThe application opens it.`);
      }
      await serveApplication(context, options, (address, port) => context.result({ source: source.id, address: address + view, port }, `${describe(source)}\nThe map is open at ${address}${view}\nStop it with Ctrl+C.`));
    });
}

/** What opens files in the window, where there is a display. */
function starter(): string | undefined {
  const shown = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  const file = fileURLToPath(new URL('../build/start.mjs', import.meta.url));
  return shown && existsSync(file) ? file : undefined;
}

export function describe(source: PointSource): string {
  const columns = source.columns.map((c) => `${c.name} (${c.type}${c.range ? `, ${c.range.map((v) => Number(v.toPrecision(4))).join(' to ')}` : c.categories.length > 0 ? `, ${c.distinct} values` : ''})`);
  return [
    `${source.title}: ${source.count} points${source.vectors ? ` of ${source.vectors.dimensions} dimensions` : ''}.`,
    `Columns: ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', ...' : ''}.`,
    `Layouts: ${source.layouts.map((l) => `${l.name} [${l.id}]`).join(', ')}.`,
    ...source.leftOut.map((l) => `${l.count} rows were left out (${l.rows.join(', ')}${l.count > l.rows.length ? ', ...' : ''}): ${l.reason}.`),
  ].join('\n');
}
