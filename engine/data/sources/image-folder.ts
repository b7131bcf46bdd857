/** A folder of pictures: a subfolder is a class; folders named train, validation and test on top are splits. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { decodePicture, pictureInfo, PICTURE_ENDINGS, type Fit, type PictureInfo } from '../../image/index.ts';
import { DEFAULT_SIZE, type ImageSource, type Natural, type Rendered, type Skipped, type SourceItem, type SplitName } from '../source.ts';

interface Found {
  /** Path below the folder, with forward slashes. */
  name: string;
  path: string;
  bytes: number;
  changed: number;
}

const SPLITS: Record<string, SplitName> = { train: 'train', training: 'train', val: 'validation', valid: 'validation', validation: 'validation', dev: 'validation', test: 'test', testing: 'test' };
const IGNORED = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;
const ENDINGS = new Set(PICTURE_ENDINGS);
/** The kind of the set is judged by this many pictures; that all are of one size, by all. */
const GREY_SAMPLE = 64;

/** @throws AtelierError 'not-found' | 'no-permission', 'bad-data' when there is no picture in it */
export async function openImageFolder(folder: string): Promise<ImageSource> {
  const found: Found[] = [];
  const skipped: Skipped[] = [];
  const other = new Map<string, number>();
  await walk(folder, '', found, skipped, other);
  found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  if (found.length === 0) {
    const kinds = [...other].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([ending, n]) => `${n} ${ending}`).join(', ');
    throw new AtelierError('bad-data', `There are no pictures in ${folder}${kinds ? `; it has ${kinds}` : ', it is empty'}.`, `Choose a folder with ${PICTURE_ENDINGS.slice(0, 7).join(', ')}... files, in subfolders by class if you like.`);
  }
  const parts = found.map((f) => f.name.split('/'));
  const tops = new Set(parts.map((p) => (p.length > 1 ? p[0].toLowerCase() : '')));
  const splitTops = tops.size > 1 && [...tops].every((t) => t in SPLITS) && tops.has('train');
  const depth = splitTops ? 1 : 0;
  const classOf = parts.map((p) => (p.length > depth + 1 ? p[depth] : null));
  const classes = [...new Set(classOf.filter((c) => c !== null))].sort();
  const indexOf = new Map(classes.map((c, i) => [c, i]));
  const groups = pairsAmong(parts, classOf, depth);
  const items = found.map((f, i): SourceItem => ({ name: f.name, label: classOf[i] === null ? -1 : indexOf.get(classOf[i])!, group: groups?.[i], split: splitTops ? SPLITS[parts[i][0].toLowerCase()] : undefined }));
  const warnings: string[] = [];
  const passed = [...other.values()].reduce((a, b) => a + b, 0);
  if (passed > 0) warnings.push(`${passed} file${passed === 1 ? '' : 's'} of other kinds (${[...other.keys()].slice(0, 5).join(', ')}) ${passed === 1 ? 'was' : 'were'} passed over.`);
  const hash = createHash('sha256').update(folder);
  for (const f of found) hash.update(`${f.name}\0${f.bytes}\0${f.changed}\n`);
  return {
    format: 'image-folder',
    name: basename(folder) || folder,
    source: folder,
    identity: hash.digest('hex'),
    classes,
    items,
    skipped,
    warnings,
    natural: (sizeKnown) => naturalOf(found, sizeKnown),
    render: (index, fit) => render(found[index].path, fit),
    async close() {},
  };
}

/** One picture in several styles: files of the same name in several classes stay in one split, where most have such a partner. */
function pairsAmong(parts: readonly string[][], classOf: readonly (string | null)[], depth: number): string[] | undefined {
  const keys = parts.map((p) => p.slice(depth + 1).join('/').replace(/\.[^.]*$/, ''));
  const classes = new Map<string, Set<string>>();
  keys.forEach((key, i) => {
    const of = classOf[i];
    if (of !== null) classes.set(key, (classes.get(key) ?? new Set()).add(of));
  });
  const paired = keys.filter((key, i) => classOf[i] !== null && classes.get(key)!.size > 1).length;
  return paired * 2 > keys.length ? keys.map((key, i) => (classOf[i] === null ? parts[i].join('/') : key)) : undefined;
}

async function render(path: string, fit: Fit): Promise<Rendered> {
  const { pixels, info } = await decodePicture({ path }, fit);
  const shorter = fit.fit === 'cover' ? Math.min(info.width, info.height) : Math.max(info.width, info.height);
  return { pixels, enlarged: info.format !== 'svg' && shorter < fit.size };
}

async function walk(folder: string, below: string, found: Found[], skipped: Skipped[], other: Map<string, number>): Promise<void> {
  let entries;
  try {
    entries = await readdir(join(folder, below), { withFileTypes: true });
  } catch (error) {
    const wrapped = toAtelierError(error, `listing ${join(folder, below)}`);
    if (below === '') throw wrapped;
    skipped.push({ path: below, reason: wrapped.message });
    return;
  }
  for (const entry of entries) {
    if (IGNORED.test(entry.name)) continue;
    const name = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      await walk(folder, name, found, skipped, other);
      continue;
    }
    const ending = extname(entry.name).slice(1).toLowerCase();
    if (!ENDINGS.has(ending)) {
      const label = ending ? `.${ending}` : 'without ending';
      if (!entry.isDirectory()) other.set(label, (other.get(label) ?? 0) + 1);
      continue;
    }
    const path = join(folder, name);
    try {
      const s = await stat(path);
      if (s.isFile()) found.push({ name, path, bytes: s.size, changed: s.mtimeMs });
    } catch (error) {
      skipped.push({ path: name, reason: toAtelierError(error, `reading ${path}`).message });
    }
  }
}

/** Reads headers until two sizes differ; unreadable files are left to the import, which names them. */
async function naturalOf(found: readonly Found[], sizeKnown: boolean): Promise<Natural> {
  let first: PictureInfo | null = null;
  let equal = true;
  let grey = true;
  let seen = 0;
  for (const { path } of found) {
    if ((!equal || sizeKnown) && seen >= GREY_SAMPLE) break;
    let info: PictureInfo;
    try {
      info = await pictureInfo({ path });
    } catch (error) {
      if (error instanceof AtelierError) continue;
      throw error;
    }
    seen++;
    first ??= info;
    if (info.width !== first.width || info.height !== first.height || info.format === 'svg') equal = false;
    if (!info.grey || info.alpha) grey = false;
  }
  const side = first ? Math.min(first.width, first.height) : DEFAULT_SIZE;
  const usable = equal && first !== null && side >= 8 && side <= 1024;
  return { size: usable ? side : DEFAULT_SIZE, channels: grey && seen > 0 ? 1 : 3 };
}
