/** A folder of short films: animations (gif, webp), and folders whose pictures are the frames of a clip. Folders above them are classes. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { CLIP_ENDINGS, clipInfo, decodeClip, decodeFrames, PICTURE_ENDINGS } from '../../image/index.ts';
import { DEFAULT_SIZE, type ImageSource, type Skipped, type SourceItem } from '../source.ts';

interface Clip {
  /** Path below the folder, with forward slashes. */
  name: string;
  /** The animation, or the frames in their order. */
  paths: string[];
  frames: boolean;
}

/** Animations whose length is looked at. */
const TIMED = 32;
const FRAME_FOLDER_PER_SEC = 10;
const byNumber = new Intl.Collator('en', { numeric: true });

/**
 * @param frames T that every clip is brought to
 * @throws AtelierError 'bad-data' where there is no clip
 */
export async function openClips(folder: string, frames: number): Promise<ImageSource> {
  const clips: Clip[] = [];
  const stills: Skipped[] = [];
  const hash = createHash('sha256').update(`${folder} ${frames}`);
  await walk(folder, '', clips, stills, hash);
  clips.sort((a, b) => byNumber.compare(a.name, b.name));
  if (clips.length === 0) {
    const why = stills.length > 0 ? `; ${stills[0].path} and ${stills.length - 1} more are still pictures, each with a folder of its own or with one frame` : '';
    throw new AtelierError('bad-data', `There are no clips in ${folder}${why}.`, 'Choose a folder of animations (gif, webp), or of folders that each hold the frames of a clip.');
  }
  const classOf = clips.map(({ name }) => (name.includes('/') ? name.split('/')[0] : null));
  const classes = [...new Set(classOf.filter((c) => c !== null))].sort();
  const items = clips.map(({ name }, i): SourceItem => ({ name, label: classOf[i] === null ? -1 : classes.indexOf(classOf[i]!) }));
  return {
    format: 'clips',
    name: basename(folder) || folder,
    source: folder,
    identity: hash.digest('hex'),
    classes,
    items,
    skipped: stills,
    warnings: [],
    clip: { frames, framesPerSecond: await paceOf(clips, frames) },
    natural: async () => ({ size: DEFAULT_SIZE, channels: 3 }),
    async render(index, fit) {
      const { paths, frames: pictures } = clips[index];
      return { pixels: pictures ? await decodeFrames(paths, fit, frames) : await decodeClip(paths[0], fit, frames), enlarged: false };
    },
    async close() {},
  };
}

async function walk(folder: string, below: string, clips: Clip[], stills: Skipped[], hash: ReturnType<typeof createHash>): Promise<void> {
  let entries;
  try {
    entries = await readdir(join(folder, below), { withFileTypes: true });
  } catch (error) {
    throw toAtelierError(error, `listing ${join(folder, below)}`);
  }
  const pictures: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
    const name = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      await walk(folder, name, clips, stills, hash);
      continue;
    }
    const ending = extname(entry.name).slice(1).toLowerCase();
    if (!PICTURE_ENDINGS.includes(ending)) continue;
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    hash.update(`${name}\0${size}\0${mtimeMs}\n`);
    const moving = CLIP_ENDINGS.includes(ending) && (await clipInfo(path).then(({ frames }) => frames > 1, () => true)); // an unreadable one is named by the import
    if (moving) clips.push({ name, paths: [path], frames: false });
    else pictures.push(name);
  }
  if (below !== '' && pictures.length > 1) {
    clips.push({ name: below, paths: pictures.sort(byNumber.compare).map((name) => join(folder, name)), frames: true });
  } else {
    for (const path of pictures) stills.push({ path, reason: `${path} has one frame only: it is a still picture, not a clip.` });
  }
}

/** So many frames a second that clips play about as long as they did. */
async function paceOf(clips: readonly Clip[], frames: number): Promise<number> {
  const durations: number[] = [];
  for (const { paths, frames: pictures } of clips.slice(0, TIMED)) {
    if (pictures) durations.push(paths.length / FRAME_FOLDER_PER_SEC);
    else await clipInfo(paths[0]).then(({ durationSec }) => durations.push(durationSec), () => {});
  }
  durations.sort((a, b) => a - b);
  const middle = durations[durations.length >> 1] ?? frames / FRAME_FOLDER_PER_SEC;
  return Math.max(1, Math.min(50, Math.round((10 * frames) / Math.max(0.1, middle)) / 10));
}
