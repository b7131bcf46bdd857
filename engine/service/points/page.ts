import type { ParsedInputOf, Calls } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { rng } from '../../core/rng.ts';
import { asBits, hasBit } from '../../data/points/index.ts';
import { pageScript } from './page-script.ts';
import type { Source } from './sources.ts';

/** Okabe and Ito's colours, then more of the same lightness. */
const COLORS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7', '#999999', '#8c6bb1', '#41ab5d', '#ef6548', '#02818a', '#dd3497', '#b8860b', '#4eb3d3', '#78c679'];
const MOST_LEGEND = 64;
const MOST_THUMBNAILS = 2048;
const THUMBNAIL = 40;

/** The view of a layout as one HTML file with everything in it: no other file, nothing from the network. */
export async function pageOf(source: Source, request: ParsedInputOf<Calls['out.page']>): Promise<{ html: string; count: number }> {
  const { table, layouts } = source;
  const { positions, info } = await layouts.get(request.layout);
  const within = request.points && asBits(request.points, table.n);
  let chosen = Int32Array.from({ length: table.n }, (_, i) => i);
  if (within) chosen = chosen.filter((i) => hasBit(within, i));
  const whole = chosen.length;
  if (whole === 0) throw new AtelierError('bad-input', 'No points are chosen.', 'Select some, or leave the selection out.');
  if (whole > request.most) chosen = rng(0, 'page').shuffle(chosen).slice(0, request.most).sort();
  const n = chosen.length;

  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (const i of chosen) for (let a = 0; a < 3; a++) {
    low[a] = Math.min(low[a], positions[i * 3 + a]);
    high[a] = Math.max(high[a], positions[i * 3 + a]);
  }
  const side = Math.max(...high.map((h, a) => h - low[a])) || 1;
  const places = new Uint16Array(n * 3);
  chosen.forEach((i, at) => {
    for (let a = 0; a < 3; a++) places[at * 3 + a] = Math.round(((positions[i * 3 + a] - (low[a] + high[a]) / 2) / side + 0.5) * 65535);
  });

  // The view begins at the bulk of the points: strays do not make it small.
  const middle = [0, 1, 2].map((a) => chosen.reduce((s, _, at) => s + places[at * 3 + a] / n, 0));
  const reach = Float32Array.from(chosen, (_, at) => Math.hypot(places[at * 3] - middle[0], places[at * 3 + 1] - middle[1], places[at * 3 + 2] - middle[2])).sort();
  const bulk = Math.max(0.05, (reach[Math.floor(0.97 * (n - 1))] / 65535) * 2);

  const colorBy = request.colorBy ?? null;
  let legend: { name: string; color: string; count: number }[] = [];
  let ramp: { low: number; high: number } | null = null;
  const codes = new Uint16Array(n);
  if (colorBy) {
    const column = await table.column(colorBy, MOST_LEGEND);
    if (column.type === 'category') {
      legend = column.categories.map(({ value }, c) => ({ name: value, color: color(request.colors?.[value]) ?? COLORS[c % COLORS.length], count: 0 }));
      legend.push({ name: 'other', color: '#8a8a8a', count: 0 });
      chosen.forEach((i, at) => (codes[at] = column.codes[i] >= 0 ? column.codes[i] : legend.length - 1));
      for (const c of codes) legend[c].count++;
    } else {
      const own = Float32Array.from(chosen, (i) => column.values[i]);
      const finite = own.filter(Number.isFinite);
      ramp = { low: finite.reduce((a, b) => Math.min(a, b), Infinity), high: finite.reduce((a, b) => Math.max(a, b), -Infinity) };
      own.forEach((v, at) => (codes[at] = Number.isFinite(v) ? Math.round(((v - ramp!.low) / (ramp!.high - ramp!.low || 1)) * 255) : 256));
    }
  }
  const names = request.columns ?? table.columns.filter((c) => c.role === 'name' || c.role === 'label').map((c) => c.name).slice(0, 4);
  const cells = await table.cells(chosen, names);
  let thumbnails: string | null = null;
  let thumbnailColumns = 0;
  if (request.thumbnails && source.media.pictures && n <= MOST_THUMBNAILS) {
    const { sheet } = await source.media.thumbnails(Array.from(chosen), THUMBNAIL);
    thumbnails = `data:${sheet.mime};base64,${Buffer.from(sheet.bytes).toString('base64')}`;
    thumbnailColumns = sheet.columns;
  }
  const base64 = (a: Uint16Array): string => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString('base64');
  const data = {
    n, dims: info.dims, places: base64(places), codes: base64(codes), legend, ramp, colorBy, names, cells: cells.map((c) => c.values), rows: Array.from(chosen, (i) => table.rows[i]),
    thumbnails, thumbnailColumns, thumbnailSize: THUMBNAIL, dark: request.dark, middle: middle.map((v) => (v / 65535) * 2 - 1), bulk,
  };
  const title = escaped(request.title ?? source.title);
  const shown = n < whole ? `${n} of ${whole} points` : `${n} point${n === 1 ? '' : 's'}`;
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title><style>
:root{color-scheme:${request.dark ? 'dark' : 'light'};--bg:${request.dark ? '#15171a' : '#f6f6f4'};--fg:${request.dark ? '#e6e6e3' : '#202124'};--panel:${request.dark ? '#1f2226' : '#ffffff'};--line:${request.dark ? '#34383d' : '#d8d8d4'}}
html,body{margin:0;height:100%;background:var(--bg);color:var(--fg);font:13px/1.4 system-ui,sans-serif;overflow:hidden}
canvas{position:fixed;inset:0;width:100%;height:100%;touch-action:none;outline-offset:-3px}
header{position:fixed;left:16px;top:12px;pointer-events:none}h1{font-size:15px;margin:0}p{margin:2px 0;opacity:.75}
aside{position:fixed;right:12px;top:12px;max-height:calc(100% - 24px);overflow:auto;background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:8px;min-width:140px}
aside:empty{display:none}aside button{all:unset;display:flex;gap:8px;align-items:center;padding:2px 4px;width:100%;box-sizing:border-box;cursor:pointer;border-radius:6px}aside button:focus-visible{outline:2px solid currentColor}aside button[aria-pressed=false]{opacity:.35}
i{width:10px;height:10px;border-radius:5px;flex:none}b{font-weight:400;flex:1}small{opacity:.65;font-variant-numeric:tabular-nums}
#card{position:fixed;pointer-events:none;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:6px 8px;max-width:280px;display:none}#card div{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
</style></head><body><canvas tabindex="0" role="img" aria-label="${title}: ${shown}. Drag or use the arrow keys to turn, scroll or use plus and minus to come nearer."></canvas>
<header><h1>${title}</h1><p>${escaped(info.name)}${colorBy ? `, coloured by ${escaped(colorBy)}` : ''} · ${shown}</p></header><aside></aside><div id="card"></div>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script><script>${pageScript}</script></body></html>
`;
  return { html, count: n };
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
/** Only a colour, for it stands in a style. */
const color = (given: string | undefined): string | undefined => (given && /^#[0-9a-f]{6}$/i.test(given) ? given : undefined);
