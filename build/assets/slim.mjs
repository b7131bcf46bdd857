// @ts-check
/** Makes a run small enough to ship: averaged weights only, a few views, no logs. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * @param {string} run folder of a finished run
 * @param {{ frames: number, previews: number, half?: boolean }} keep `half`: weights as 16-bit floats, which halves them
 */
export function slimRun(run, keep) {
  if (keep.frames === 0) rmSync(join(run, 'map'), { recursive: true, force: true });
  else thin(join(run, 'map'), /^frame-.*\.safetensors$/, keep.frames);
  thinMetrics(join(run, 'metrics.jsonl'));
  thin(join(run, 'previews'), /^\d+$/, keep.previews);
  for (const name of thin(join(run, 'checkpoints'), /\.safetensors$/, 1)) slimCheckpoint(join(run, 'checkpoints', name), keep.half ?? false);
  for (const gone of ['log.txt', 'lock', 'codes.safetensors']) rmSync(join(run, gone), { force: true });
}

/**
 * Keeps `keep` of the matching entries, spread evenly over time, the newest always.
 * @param {string} folder @param {RegExp} pattern @param {number} keep
 */
function thin(folder, pattern, keep) {
  const names = list(folder).filter((n) => pattern.test(n)).sort();
  if (keep >= names.length) return names;
  const kept = new Set(Array.from({ length: keep }, (_, i) => names[Math.round(((names.length - 1) * (i + 1)) / keep)]));
  for (const name of names) if (!kept.has(name)) rmSync(join(folder, name), { recursive: true });
  return names.filter((name) => kept.has(name));
}

/** Rows of training that a curve is drawn from. */
const TRAIN_ROWS = 250;

/** Keeps all rows of validation and some of training, spread evenly. @param {string} path */
function thinMetrics(path) {
  if (!existsSync(path)) return;
  const rows = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const trained = rows.filter((row) => JSON.parse(row).split === 'train');
  const every = Math.max(1, Math.ceil(trained.length / TRAIN_ROWS));
  const kept = new Set(trained.filter((_, i) => i % every === 0));
  writeFileSync(path, rows.filter((row) => kept.has(row) || JSON.parse(row).split !== 'train').map((row) => `${row}\n`).join(''));
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Drops parameters and the optimizer's slots where the average is there; training goes on from the average. @param {string} path @param {boolean} half */
function slimCheckpoint(path, half) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.subarray(8, start).toString());
  const parts = [];
  /** @type {Record<string, object>} */
  const kept = {};
  let at = 0;
  for (const [name, entry] of Object.entries(entries)) {
    if (!/^[ex]\//.test(name)) continue;
    const [from, to] = entry.data_offsets;
    const data = Buffer.from(bytes.subarray(start + from, start + to));
    const short = half && entry.dtype === 'F32' && name.startsWith('e/');
    const part = short ? halves(new Float32Array(data.buffer, data.byteOffset, data.length / 4)) : data;
    kept[name] = { dtype: short ? 'F16' : entry.dtype, shape: entry.shape, data_offsets: [at, at + part.length] };
    at += part.length;
    parts.push(part);
  }
  if (!Object.keys(kept).some((name) => name.startsWith('e/'))) throw new Error(`${path} has no averaged weights to keep.`);
  const data = Buffer.concat(parts);
  const text = JSON.stringify({ __metadata__: { ...metadata, crc32: String(crc32(data)) }, ...kept });
  const header = text.padEnd(Math.ceil(text.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), data]));
}

/** Nearest 16-bit floats. @param {Float32Array} values */
function halves(values) {
  const out = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const size = Math.abs(values[i]);
    if (size >= 65520) throw new Error(`${values[i]} is too large for 16 bits.`);
    if (size < 2 ** -14) out[i] = sign | Math.round(size * 2 ** 24);
    else {
      const exponent = Math.floor(Math.log2(size));
      out[i] = sign | (((exponent + 15) << 10) + Math.round((size / 2 ** exponent - 1) * 1024));
    }
  }
  return Buffer.from(out.buffer);
}
