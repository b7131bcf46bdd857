import { AtelierError } from '../core/errors.ts';

export interface RawPicture {
  width: number;
  height: number;
  channels: 3 | 4;
  /** [H, W, C], top row first. */
  pixels: Uint8Array;
}

/**
 * Decodes a Windows bitmap: uncompressed at 1, 4, 8, 16, 24 or 32 bits, and bit fields.
 * (Microsoft, "Bitmap Storage": BITMAPFILEHEADER, BITMAPINFOHEADER and its successors, BITMAPCOREHEADER.)
 * @throws AtelierError 'bad-data'
 */
export function decodeBmp(bytes: Uint8Array, name = 'the file', limitPixels = 100_000_000): RawPicture {
  const bad = (why: string): AtelierError => new AtelierError('bad-data', `${name} is not a bitmap that can be read: ${why}.`, 'Save it as PNG in any picture editor.');
  if (bytes.length < 26 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) throw bad('it does not begin with the header of a BMP');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataAt = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const core = headerSize === 12;
  if (!core && (headerSize < 40 || bytes.length < 14 + headerSize)) throw bad('its header was cut off');
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(rows);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? 0 : view.getUint32(30, true);
  if (width < 1 || height < 1 || width * height > limitPixels) throw bad(`it claims ${width} by ${height} pixels`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw bad(`it has ${bits} bits a pixel`);
  if (compression !== 0 && compression !== 3 && compression !== 6) throw bad('it is compressed');
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (dataAt + stride * height > bytes.length) throw bad('it was cut off');
  const row = (y: number): number => dataAt + (rows < 0 ? y : height - 1 - y) * stride;

  if (bits <= 8) {
    const entry = core ? 3 : 4;
    const count = (core ? 0 : view.getUint32(46, true)) || 1 << bits;
    const palette = 14 + headerSize;
    if (count > 256 || palette + count * entry > bytes.length) throw bad('its palette was cut off');
    const pixels = new Uint8Array(width * height * 3);
    for (let y = 0, to = 0; y < height; y++) {
      const from = row(y);
      for (let x = 0; x < width; x++, to += 3) {
        const bit = x * bits;
        const index = (bytes[from + (bit >> 3)] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
        if (index >= count) throw bad(`a pixel asks for colour ${index} of ${count}`);
        const p = palette + index * entry;
        pixels[to] = bytes[p + 2];
        pixels[to + 1] = bytes[p + 1];
        pixels[to + 2] = bytes[p];
      }
    }
    return { width, height, channels: 3, pixels };
  }
  if (bits === 24) {
    const pixels = new Uint8Array(width * height * 3);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0, from = row(y); x < width; x++, to += 3, from += 3) {
        pixels[to] = bytes[from + 2];
        pixels[to + 1] = bytes[from + 1];
        pixels[to + 2] = bytes[from];
      }
    }
    return { width, height, channels: 3, pixels };
  }
  let masks = bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0x00ff00, 0x0000ff, 0];
  if (compression !== 0) {
    if (bytes.length < 66) throw bad('its masks were cut off');
    masks = [54, 58, 62].map((at) => view.getUint32(at, true));
    masks.push(headerSize >= 56 || compression === 6 ? view.getUint32(66, true) : 0);
  }
  const channels = masks[3] ? 4 : 3;
  const scale = masks.map(channelReader);
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    const from = row(y);
    for (let x = 0; x < width; x++) {
      const value = bits === 16 ? view.getUint16(from + x * 2, true) : view.getUint32(from + x * 4, true);
      for (let c = 0; c < channels; c++) pixels[to++] = scale[c](value);
    }
  }
  return { width, height, channels, pixels };
}

/** Reads the bits under a mask as 0 to 255. */
function channelReader(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  let shift = 0;
  while (!((mask >>> shift) & 1)) shift++;
  const top = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / top);
}
