/** Text inside PNG files: uncompressed `iTXt` chunks (PNG specification, third edition, section 11.3.3.4). */
import { crc32 } from 'node:zlib';
import { AtelierError } from './errors.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * A copy of the file with texts after its header; keywords that are there already are replaced.
 * @param texts by keyword (1 to 79 printable Latin characters)
 * @throws AtelierError 'bad-data' for bytes that are no PNG, 'bad-input' for a keyword that cannot be
 */
export function withPngText(png: Uint8Array, texts: Record<string, string>): Uint8Array {
  const chunks = chunksOf(png);
  const made = Object.entries(texts).map(([keyword, text]) => chunk('iTXt', textBody(keyword, text)));
  const kept = chunks.filter(({ type, data }) => type !== 'iTXt' || !(keywordOf(data) in texts)).map(({ whole }) => whole);
  return concat([SIGNATURE, kept[0], ...made, ...kept.slice(1)]);
}

/** The texts of a PNG by keyword; damaged or compressed ones are left out. @throws AtelierError 'bad-data' for bytes that are no PNG */
export function pngText(png: Uint8Array): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { type, data } of chunksOf(png)) {
    if (type !== 'iTXt') continue;
    const keyword = keywordOf(data);
    let at = keyword.length + 1;
    if (data[at] !== 0) continue; // compressed: not written here
    at += 2;
    for (let skipped = 0; skipped < 2 && at < data.length; at++) if (data[at] === 0) skipped++;
    texts[keyword] = new TextDecoder().decode(data.subarray(at));
  }
  return texts;
}

interface Chunk {
  type: string;
  data: Uint8Array;
  whole: Uint8Array;
}

function chunksOf(png: Uint8Array): Chunk[] {
  const broken = (why: string): AtelierError => new AtelierError('bad-data', `This is not a whole PNG picture: ${why}.`, 'Take the file from where it was made once more.');
  if (!SIGNATURE.every((byte, i) => png[i] === byte)) throw broken('its first bytes are others');
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    if (at + 12 > png.length) throw broken('it ends within a chunk');
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > png.length) throw broken('it ends within a chunk');
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length), whole: png.subarray(at, end) });
    at = end;
  }
  if (chunks[0]?.type !== 'IHDR') throw broken('its header is missing');
  return chunks;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

function textBody(keyword: string, text: string): Uint8Array {
  if (!/^[\x21-\x7e]([\x20-\x7e]{0,77}[\x21-\x7e])?$/.test(keyword)) throw new AtelierError('bad-input', `${JSON.stringify(keyword)} cannot name a text of a PNG.`, 'Take 1 to 79 printable characters.');
  // Keyword, its end, compression flag and method, language, translated keyword.
  return concat([new TextEncoder().encode(keyword), Uint8Array.of(0, 0, 0, 0, 0), new TextEncoder().encode(text)]);
}

function keywordOf(data: Uint8Array): string {
  const end = data.indexOf(0);
  return String.fromCharCode(...data.subarray(0, end < 0 ? 79 : end));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
