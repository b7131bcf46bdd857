/** RIFF WAVE files: whole numbers of 8 to 32 bits, floats of 32 and 64, A-law and mu-law, plain or extensible. */
import type { FileHandle } from 'node:fs/promises';
import { AtelierError } from '../core/errors.ts';
import type { Pieces } from './decode.ts';

interface Format {
  tag: number;
  channels: number;
  sampleRateHz: number;
  bytes: number;
}

const PCM = 1, FLOAT = 3, A_LAW = 6, MU_LAW = 7, EXTENSIBLE = 0xfffe;
const NAMES: Record<number, string> = { 2: 'ADPCM', 17: 'IMA ADPCM', 85: 'MP3 inside a WAV', 80: 'MPEG inside a WAV' };
const PIECE_FRAMES = 1 << 16;

/** ITU-T G.711. */
function expandLaw(code: number, law: number): number {
  if (law === MU_LAW) {
    const u = ~code & 255;
    const value = (((u & 15) << 3) + 132) << (u >> 4 & 7);
    return (u & 128 ? 132 - value : value - 132) / 32768;
  }
  const a = code ^ 0x55;
  const exponent = (a >> 4) & 7;
  const mantissa = ((a & 15) << 4) + 8;
  const value = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return (a & 128 ? value : -value) / 32768;
}

/** Samples of one format from bytes. */
function readerOf({ tag, bytes }: Format): ((view: DataView, at: number) => number) | undefined {
  if (tag === A_LAW || tag === MU_LAW) {
    const table = Float32Array.from({ length: 256 }, (_, code) => expandLaw(code, tag));
    return bytes === 1 ? (view, at) => table[view.getUint8(at)] : undefined;
  }
  if (tag === FLOAT) return bytes === 4 ? (v, at) => v.getFloat32(at, true) : bytes === 8 ? (v, at) => v.getFloat64(at, true) : undefined;
  if (tag !== PCM) return undefined;
  if (bytes === 1) return (v, at) => (v.getUint8(at) - 128) / 128;
  if (bytes === 2) return (v, at) => v.getInt16(at, true) / 32768;
  if (bytes === 3) return (v, at) => ((v.getUint8(at) << 8) | (v.getUint16(at + 1, true) << 16)) / 2147483648;
  if (bytes === 4) return (v, at) => v.getInt32(at, true) / 2147483648;
  return undefined;
}

/**
 * @param path for messages
 * @throws AtelierError 'bad-data' for a damaged header or a coding that is not read
 */
export async function openWav(file: FileHandle, path: string): Promise<Pieces> {
  const bad = (why: string): AtelierError => new AtelierError('bad-data', `${path} cannot be read: ${why}.`, 'Save it again as WAV with 16 or 24 bits.');
  const { size } = await file.stat();
  const head = Buffer.alloc(40);
  let format: Format | undefined;
  let from = 0;
  let length = 0;
  for (let at = 12; at + 8 <= size; ) {
    const { bytesRead } = await file.read(head, 0, 8, at);
    if (bytesRead < 8) break;
    const id = head.toString('latin1', 0, 4);
    const bytes = head.readUInt32LE(4);
    if (id === 'fmt ') {
      const got = await file.read(head, 0, Math.min(40, bytes), at + 8);
      if (got.bytesRead < 16) throw bad('its header is cut off');
      const given = head.readUInt16LE(0);
      // An extensible header names the coding in the first two bytes of its GUID.
      format = { tag: given === EXTENSIBLE && got.bytesRead >= 26 ? head.readUInt16LE(24) : given, channels: head.readUInt16LE(2), sampleRateHz: head.readUInt32LE(4), bytes: Math.ceil(head.readUInt16LE(14) / 8) };
    } else if (id === 'data') {
      from = at + 8;
      length = bytes;
      break;
    }
    at += 8 + bytes + (bytes & 1);
  }
  if (!format) throw bad('it has no format in its header');
  if (from === 0) throw bad('it has no samples');
  const { tag, channels, sampleRateHz } = format;
  const read = readerOf(format);
  if (!read) throw bad(`its samples are ${NAMES[tag] ?? `of ${format.bytes * 8} bits`} in coding ${tag}`);
  if (channels < 1 || channels > 64) throw bad(`it says it has ${channels} channels`);
  // Programs that write to a pipe cannot know the length beforehand and leave 0 or the largest number.
  const unknown = length === 0 || length >= 0xffffff00;
  const there = size - from;
  const warnings = !unknown && length > there ? [`${path} is cut off: ${Math.round((100 * there) / length)} % of it is there.`] : [];
  const frameBytes = format.bytes * channels;
  const frames = Math.floor((unknown ? there : Math.min(length, there)) / frameBytes);
  return {
    sampleRateHz,
    warnings,
    async *pieces() {
      const buffer = new Uint8Array(PIECE_FRAMES * frameBytes);
      const view = new DataView(buffer.buffer);
      for (let done = 0; done < frames; ) {
        const count = Math.min(PIECE_FRAMES, frames - done);
        let got = 0;
        while (got < count * frameBytes) {
          const { bytesRead } = await file.read(buffer, got, count * frameBytes - got, from + done * frameBytes + got);
          if (bytesRead === 0) return;
          got += bytesRead;
        }
        yield Array.from({ length: channels }, (_, c) => Float32Array.from({ length: count }, (__, i) => read(view, (i * channels + c) * format.bytes)));
        done += count;
      }
    },
  };
}

export type WavDepth = 'int16' | 'int24' | 'float32';

/** A WAV file of one channel. @param samples in [-1, 1]; beyond that they are cut */
export function encodeWav(samples: Float32Array, sampleRateHz: number, depth: WavDepth = 'int16'): Uint8Array {
  const bytes = depth === 'int16' ? 2 : depth === 'int24' ? 3 : 4;
  const out = new Uint8Array(44 + samples.length * bytes);
  const view = new DataView(out.buffer);
  const text = (at: number, s: string) => out.set(Buffer.from(s, 'latin1'), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + samples.length * bytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, depth === 'float32' ? FLOAT : PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * bytes, true);
  view.setUint16(32, bytes, true);
  view.setUint16(34, bytes * 8, true);
  text(36, 'data');
  view.setUint32(40, samples.length * bytes, true);
  for (let i = 0, at = 44; i < samples.length; i++, at += bytes) {
    const x = Math.max(-1, Math.min(1, samples[i]));
    if (depth === 'float32') view.setFloat32(at, samples[i], true);
    else if (depth === 'int16') view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(x * 32768))), true);
    else {
      const v = Math.max(-8388608, Math.min(8388607, Math.round(x * 8388608)));
      view.setUint16(at, v & 0xffff, true);
      view.setInt8(at + 2, v >> 16);
    }
  }
  return out;
}
