import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, expect, test } from 'vitest';
import { chosenFrames } from '../image/clip.ts';
import { encodeSheet, filmOfStrips, middleFrames } from '../image/index.ts';
import { scratchFolder } from './fixtures.test-support.ts';
import { importImages, openImages, pageOf } from './index.ts';
import { openSource } from './open-source.ts';

let scratch = '';
beforeEach(async () => {
  scratch = await scratchFolder();
});

/** Frames of one grey each. */
const grey = (levels: readonly number[], side = 8) => Buffer.concat(levels.map((level) => Buffer.alloc(side * side * 3, level)));
async function animation(name: string, levels: readonly number[], delay = 50): Promise<string> {
  const path = join(scratch, name);
  await mkdir(join(path, '..'), { recursive: true });
  const film = sharp(grey(levels), { raw: { width: 8, height: 8 * levels.length, channels: 3, pageHeight: 8 } });
  const options = { delay: levels.map(() => delay) };
  await writeFile(path, await (name.endsWith('gif') ? film.gif(options) : film.webp({ ...options, lossless: true })).toBuffer());
  return path;
}
const still = async (name: string, level: number) => {
  await mkdir(join(scratch, name, '..'), { recursive: true });
  await sharp(grey([level]), { raw: { width: 8, height: 8, channels: 3 } }).png().toFile(join(scratch, name));
};
const levelsOf = (bytes: Uint8Array, frames: number) => Array.from({ length: frames }, (_, t) => bytes[t * (bytes.length / frames)]);

test('frames are spread over a clip, and repeat where there are fewer', () => {
  expect(chosenFrames(8, 4)).toEqual([0, 2, 4, 6]);
  expect(chosenFrames(5, 4)).toEqual([0, 1, 2, 3]);
  expect(chosenFrames(2, 4)).toEqual([0, 0, 1, 1]);
});

test('animations and folders of frames become strips of as many frames, with classes, and play as long as they did', async () => {
  await animation('in/a/one.webp', [0, 40, 80, 120, 160, 200], 100);
  await animation('in/a/two.gif', [10, 250], 300);
  for (let i = 0; i < 12; i++) await still(`in/b/walk/frame-${i}.png`, i * 20);
  await still('in/alone.png', 99);
  await mkdir(join(scratch, 'project'));
  const info = await importImages({ path: join(scratch, 'in'), frames: 3, size: 8 }, { project: join(scratch, 'project') });
  expect(info).toMatchObject({ format: 'clips', count: 3, width: 8, height: 24, channels: 3, clip: { frames: 3, framesPerSecond: 5 } });
  expect(info.classes.map((c) => c.name)).toEqual(['a', 'b']);
  expect(info.skipped).toMatchObject({ total: 1, files: [{ path: 'alone.png', reason: expect.stringMatching(/one frame only/) }] });
  const set = await openImages(info.ref);
  const names = [0, 1, 2].map((i) => set.itemName(i));
  expect(names).toEqual(['a/one.webp', 'a/two.gif', 'b/walk']);
  expect(levelsOf(await set.readBytes([0]), 3)).toEqual([0, 80, 160]);
  // 10, 11 and not 2, comes after 9.
  expect(levelsOf(await set.readBytes([2]), 3)).toEqual([0, 80, 160]);
  const page = await pageOf(set, { offset: 0, limit: 3, thumbnailSize: 64 });
  expect(page.thumbnails).toMatchObject({ cellWidth: 8, cellHeight: 8 });
  await set.close();
  await expect(openImages(info.ref, { size: 16 })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(/cannot be made another size/) });
});

test('bad clips: one frame, none at all, a single file, a cut one', async () => {
  await still('stills/a.png', 1);
  await expect(openSource(join(scratch, 'stills'), 4)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/no clips/) });
  await animation('mixed/one.webp', [5]);
  await animation('mixed/two.webp', [5, 6]);
  const path = await animation('mixed/cut.webp', Array.from({ length: 40 }, (_, i) => i * 6));
  const bytes = await sharp(path, { pages: -1 }).webp({ lossless: true }).toBuffer();
  await writeFile(path, bytes.subarray(0, 60));
  await mkdir(join(scratch, 'project'));
  const info = await importImages({ path: join(scratch, 'mixed'), frames: 2, size: 8 }, { project: join(scratch, 'project') });
  expect(info.count).toBe(1);
  expect(info.skipped.files.map((f) => f.path).sort()).toEqual(['cut.webp', 'one.webp']);
  expect(info.skipped.files.find((f) => f.path === 'one.webp')!.reason).toMatch(/one frame only/);
  await expect(openSource(path, 4)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/single file/) });
});

test('strips become a film in which clips play side by side, and their middle frames stand for them', async () => {
  const strips = Buffer.concat([grey([0, 100, 200], 4), grey([30, 130, 230], 4)]);
  const sheet = await encodeSheet(new Uint8Array(strips), 2, 12, 4, 3, { columns: 2 });
  const film = await filmOfStrips([sheet, sheet], 3, { format: 'webp', framesPerSecond: 10 });
  const { pages, pageHeight, width, delay } = await sharp(film, { pages: -1 }).metadata();
  expect([pages, pageHeight, width, delay]).toEqual([3, 8, 8, [100, 100, 100]]);
  const second = await sharp(film, { page: 1, pages: 1 }).removeAlpha().raw().toBuffer();
  expect(Math.abs(second[0] - 100)).toBeLessThan(6);
  expect(Math.abs(second[5 * 3] - 130)).toBeLessThan(6);
  const gif = await sharp(await filmOfStrips([sheet], 3, { format: 'gif', framesPerSecond: 10 }), { pages: -1 }).metadata();
  expect([gif.format, gif.pages]).toEqual(['gif', 3]);
  expect(Array.from(middleFrames(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, 3))).toEqual([2, 5]);
  await expect(filmOfStrips([sheet], 5, { format: 'gif', framesPerSecond: 10 })).rejects.toMatchObject({ code: 'bad-input' });
});
