// @ts-check
/** Draws the application's icons from assets/icons/icon.svg: `node build/icons.mjs`, after the drawing changed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './setup/paths.mjs';

const folder = join(root, 'assets', 'icons');
const drawing = await readFile(join(folder, 'icon.svg'));
/** @param {number} size in pixels @returns {Promise<Buffer>} a PNG */
const draw = (size) => sharp(drawing, { density: (72 * size) / 512 * 2 }).resize(size, size).png({ compressionLevel: 9 }).toBuffer();

for (const size of [256, 1024]) await writeFile(join(folder, `icon-${size}.png`), await draw(size));
await writeFile(join(folder, 'icon.ico'), ico(await Promise.all([16, 24, 32, 48, 64, 256].map(async (size) => ({ size, png: await draw(size) })))));

/**
 * An ICO container of PNG pictures: a header of 6 bytes, an entry of 16 bytes each, then the pictures.
 * @param {{ size: number, png: Buffer }[]} pictures
 */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(({ size, png }, i) => {
    const at = 6 + 16 * i;
    head.writeUInt8(size % 256, at); // 0 means 256
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...pictures.map(({ png }) => png)]);
}
