/** Recordings of speakers: one folder per speaker, or a table of files with speaker and text. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { SOUND_ENDINGS } from '../../audio/decode.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { openDuck, quoted } from '../tables/duck.ts';
import { isTabular, readInto } from '../tables/delimited.ts';

export interface Recording {
  /** Path below the source, with forward slashes. */
  name: string;
  path: string;
  speaker: number;
  text: string;
  bytes: number;
}

export interface AudioSource {
  readonly name: string;
  /** For people: where it is. */
  readonly source: string;
  readonly speakers: readonly string[];
  readonly recordings: readonly Recording[];
  readonly warnings: readonly string[];
}

const IGNORED = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;
const ENDINGS = new Set(SOUND_ENDINGS);
/** Names that the columns of a table may have. */
const COLUMNS = {
  file: ['file', 'path', 'filename', 'file_name', 'audio', 'wav'],
  speaker: ['speaker', 'speaker_id', 'voice', 'name', 'client_id'],
  text: ['text', 'sentence', 'transcript', 'transcription'],
} as const;

/** @throws AtelierError 'not-found' | 'no-permission', 'bad-data' when there are no recordings in it */
export async function openAudioSource(path: string): Promise<AudioSource> {
  const where = resolve(path);
  const info = await stat(where).catch((error: unknown) => Promise.reject(toAtelierError(error, `opening ${where}`)));
  if (info.isDirectory()) return ofFolder(where);
  if (isTabular(where)) return ofTable(where);
  throw new AtelierError('bad-input', `${where} is one file.`, 'Choose a folder with one folder of recordings per speaker, or a table (.csv, .tsv) of files with speaker and text.');
}

async function ofFolder(folder: string): Promise<AudioSource> {
  const found: string[] = [];
  const other = new Map<string, number>();
  await walk(folder, found, other).catch((error: unknown) => Promise.reject(toAtelierError(error, `reading ${folder}`)));
  found.sort();
  if (found.length === 0) {
    const kinds = [...other].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([ending, n]) => `${n} ${ending}`).join(', ');
    throw new AtelierError('bad-data', `There are no recordings in ${folder}${kinds ? `; it has ${kinds}` : ', it is empty'}.`, 'Choose a folder that has one folder of recordings (.wav, .mp3, .flac, .ogg, .opus) for each speaker.');
  }
  const below = found.map((path) => relative(folder, path).split(/[\\/]/));
  const inFolders = below.some((parts) => parts.length > 1);
  const speakerOf = below.map((parts) => (parts.length > 1 ? parts[0] : basename(folder)));
  const speakers = [...new Set(speakerOf)].sort();
  const warnings: string[] = [];
  const loose = below.filter((parts) => parts.length === 1).length;
  if (inFolders && loose > 0) warnings.push(`${loose} file${loose === 1 ? ' lies' : 's lie'} beside the speakers' folders; ${loose === 1 ? 'it was' : 'they were'} taken as a speaker called "${basename(folder)}".`);
  const recordings = await Promise.all(
    found.map(async (path, i): Promise<Recording> => {
      const { size } = await stat(path);
      return { name: below[i].join('/'), path, speaker: speakers.indexOf(speakerOf[i]), text: await textBeside(path), bytes: size };
    }),
  );
  return { name: basename(folder) || folder, source: folder, speakers, recordings, warnings };
}

async function walk(folder: string, found: string[], other: Map<string, number>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (IGNORED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    const ending = extname(entry.name).toLowerCase();
    if (entry.isDirectory()) await walk(path, found, other);
    else if (ENDINGS.has(ending)) found.push(path);
    else other.set(ending || 'without an ending', (other.get(ending || 'without an ending') ?? 0) + 1);
  }
}

/** What is said, from a .txt of the same name. */
async function textBeside(path: string): Promise<string> {
  const beside = join(dirname(path), `${basename(path, extname(path))}.txt`);
  return (await readFile(beside, 'utf8').catch(() => '')).trim().replace(/\s+/g, ' ').slice(0, 2000);
}

async function ofTable(path: string): Promise<AudioSource> {
  const duck = await openDuck();
  try {
    const warnings = await readInto(duck, 'recordings', path);
    const rows = await duck.all(`SELECT * FROM ${quoted('recordings')}`);
    const names = Object.keys(rows[0] ?? {});
    const column = (kind: keyof typeof COLUMNS): string | undefined => names.find((name) => (COLUMNS[kind] as readonly string[]).includes(name.toLowerCase().trim()));
    const [file, speaker, text] = [column('file'), column('speaker'), column('text')];
    if (!file || !speaker) throw new AtelierError('bad-data', `${path} has the columns ${names.filter((n) => !n.startsWith('__')).join(', ') || 'none'}; "file" and "speaker" are needed.`, 'Name the column of the files "file" and that of the speakers "speaker"; "text" may say what is spoken.');
    const speakers = [...new Set(rows.map((row) => String(row[speaker] ?? '').trim()))].filter((s) => s !== '').sort();
    const recordings = await Promise.all(
      rows.flatMap((row) => {
        const given = String(row[file] ?? '').trim();
        const who = speakers.indexOf(String(row[speaker] ?? '').trim());
        if (!given || who < 0) return [];
        const full = isAbsolute(given) ? given : join(dirname(path), given);
        // A file that is not there is named when it is read.
        return [stat(full).then(({ size }) => size, () => 0).then((bytes): Recording => ({ name: given, path: full, speaker: who, text: text ? String(row[text] ?? '').trim() : '', bytes }))];
      }),
    );
    if (recordings.length === 0) throw new AtelierError('bad-data', `${path} names no recordings.`, 'Give it a row for each file.');
    return { name: basename(path, extname(path)), source: path, speakers, recordings, warnings };
  } finally {
    duck.close();
  }
}
