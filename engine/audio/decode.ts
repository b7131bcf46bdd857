/** Sound files of any kind as pieces of samples, so that an hour takes no more memory than a minute. */
import { open, type FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { createG722 } from './g722.ts';
import { openWav } from './wav.ts';

/** Endings of files that are taken for sound in a folder. */
export const SOUND_ENDINGS: readonly string[] = ['.wav', '.wave', '.mp3', '.flac', '.ogg', '.oga', '.opus', '.g722', '.m4a', '.aac', '.aif', '.aiff', '.wma', '.mp4', '.mkv', '.webm', '.mov', '.avi'];

export interface Pieces {
  readonly sampleRateHz: number;
  /** Grows while pieces are read; plain sentences. */
  readonly warnings: string[];
  /** Samples in [-1, 1], each `[channels][n]`. */
  pieces(): AsyncGenerator<Float32Array[]>;
}

export interface SoundFile extends Pieces {
  close(): Promise<void>;
}

interface Decoded {
  channelData: Float32Array[];
  sampleRate: number;
  errors: readonly { message: string }[];
}

/** What the decoders in WebAssembly have in common. */
interface StreamDecoder {
  ready: Promise<void>;
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  flush?(): Promise<Decoded>;
  free(): void;
}

const CHUNK = 1 << 16;

/**
 * Opens a sound file by what its first bytes say.
 * @throws AtelierError 'not-found' | 'no-permission', 'bad-data' for what is no sound, is empty, or is of a kind that is not read
 */
export async function openSound(path: string): Promise<SoundFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw toAtelierError(error, `opening ${path}`);
  }
  try {
    const found = await openPieces(file, path);
    return { ...found, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw toAtelierError(error, `reading ${path}`);
  }
}

async function openPieces(file: FileHandle, path: string): Promise<Pieces> {
  const head = Buffer.alloc(64);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  const bad = (why: string, remedy = 'Save it as WAV, FLAC, MP3 or Ogg.'): AtelierError => new AtelierError('bad-data', `${path} ${why}.`, remedy);
  if (bytesRead === 0) throw bad('is empty (0 bytes)', 'Copy or record it again.');
  const text = head.toString('latin1', 0, bytesRead);
  const is = (magic: string, at = 0): boolean => text.startsWith(magic, at);
  if (is('RIFF') || is('RF64')) {
    if (is('WAVE', 8)) return openWav(file, path);
    throw bad(is('AVI ', 8) ? 'is a video' : 'is not a sound', 'Take the sound out of it with a video editor, and save it as WAV.');
  }
  if (is('fLaC')) return streamed(file, path, async () => new (await import('@wasm-audio-decoders/flac')).FLACDecoder());
  if (is('OggS')) {
    if (text.includes('OpusHead')) return streamed(file, path, async () => new (await import('ogg-opus-decoder')).OggOpusDecoder());
    if (text.includes('\x7fFLAC')) return streamed(file, path, async () => new (await import('@wasm-audio-decoders/flac')).FLACDecoder());
    if (text.includes('vorbis')) return streamed(file, path, async () => new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder());
    throw bad(text.includes('theora') ? 'is a video' : 'is an Ogg file of a kind that is not read');
  }
  if (is('ID3') || (head[0] === 0xff && (head[1] & 0xe0) === 0xe0 && (head[1] & 0x06) !== 0)) return streamed(file, path, async () => new (await import('mpg123-decoder')).MPEGDecoder());
  if (is('ftyp', 4)) {
    if (is('M4A', 8) || is('M4B', 8) || extname(path).toLowerCase() === '.m4a') throw bad('is an M4A, which only the application\'s window can read', 'Drop it onto the Voice place, or save it as WAV or MP3.');
    throw bad('is a video', 'Take the sound out of it with a video editor, and save it as WAV.');
  }
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf) throw bad('is a video', 'Take the sound out of it with a video editor, and save it as WAV.');
  if (is('FORM')) throw bad('is an AIFF file, which is not read');
  if (extname(path).toLowerCase() === '.g722') return g722(file);
  throw bad('is not a sound that can be read');
}

function g722(file: FileHandle): Pieces {
  return {
    sampleRateHz: 16_000,
    warnings: [],
    async *pieces() {
      const decode = createG722();
      for await (const bytes of chunksOf(file)) yield [decode(bytes)];
    },
  };
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const bytes = new Uint8Array(CHUNK);
    const { bytesRead } = await file.read(bytes, 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield bytes.subarray(0, bytesRead);
  }
}

/** Through a decoder that is fed bytes; its first samples tell the rate. */
async function streamed(file: FileHandle, path: string, create: () => Promise<StreamDecoder>): Promise<Pieces> {
  const decoder = await create();
  await decoder.ready;
  const warnings: string[] = [];
  let broken = 0;
  const decoded = (async function* (): AsyncGenerator<Decoded> {
    try {
      for await (const bytes of chunksOf(file)) yield await decoder.decode(bytes);
      if (decoder.flush) yield await decoder.flush();
    } finally {
      decoder.free();
    }
  })();
  const next = async (): Promise<Decoded | null> => {
    for (;;) {
      const { value, done } = await decoded.next();
      if (done) return null;
      broken += value.errors.length;
      if (value.channelData[0]?.length > 0) return value;
    }
  };
  const first = await next();
  if (!first) throw new AtelierError('bad-data', `${path} has no sound in it${broken ? ': it is damaged' : ''}.`, 'Copy it again from where it comes from.');
  return {
    sampleRateHz: first.sampleRate,
    warnings,
    async *pieces() {
      try {
        for (let piece: Decoded | null = first; piece; piece = await next()) yield piece.channelData;
      } finally {
        await decoded.return(undefined);
      }
      if (broken > 0) warnings.push(`${path} is damaged or cut off; what could be read was taken.`);
    },
  };
}
