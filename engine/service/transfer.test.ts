import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Picture } from '../../electron/contract/index.ts';
import { openImages } from '../data/index.ts';
import { openDevice } from '../device/index.ts';
import { createRun } from '../store/run-folder.ts';
import { openTrained, planRun, scoreTransfer, startTraining } from '../training/index.ts';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from './service.test-support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

let folders: Awaited<ReturnType<typeof testFolders>>;
let client: TestClient;
let run = '';
let plain = '';

async function trained(name: string, family: string, config: object): Promise<string> {
  const images = await openImages(join(folders.root, 'pictures'), { size: 8 });
  const folder = join(folders.root, name);
  const made = await createRun(folder, planRun({ family, config: config as Record<string, unknown>, training: { steps: 30, batchSize: 8, learningRate: 3e-3, evaluateEvery: 30, weightEma: 0 } }, images, 'cpu', folder));
  await startTraining({ run: made, images, device: await openDevice('cpu') });
  await images.close();
  return folder;
}

beforeAll(async () => {
  folders = await testFolders();
  await makePictures(join(folders.root, 'pictures'));
  run = await trained('styles', 'style-vq-vae', { hidden: 16, residualLayers: 1, stride: 4, codes: 16, codeSize: 4, styleSize: 4, pairs: true });
  plain = await trained('plain', 'vq-vae', { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4 });
  client = await testClient(undefined, await builtWorker());
});
afterAll(async () => {
  await client.service.close();
  await folders.free();
});

const pixelsOf = async (picture: Picture) => (await sharp(picture.bytes).removeAlpha().raw().toBuffer()).toJSON().data;
const file = async (name: string, bytes: Buffer) => {
  const path = join(folders.root, name);
  await writeFile(path, bytes);
  return path;
};
const colour = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#c84' } });

test('a file of any size is drawn in a style and keeps its size; one item of the data goes through the same decoder', async () => {
  const paths = [await file('large.png', await colour(37, 20).png().toBuffer()), await file('dot.png', await colour(1, 1).png().toBuffer())];
  const { results, styles, weights } = await client.call('runs.transfer', { run, paths, style: 'square' });
  expect([styles, weights]).toEqual([['disc', 'square'], [0, 1]]);
  expect(results.map(({ name, picture, original }) => [name, picture.width, picture.height, original.width])).toEqual([['large.png', 37, 20, 37], ['dot.png', 1, 1, 1]]);
  const one = await client.call('runs.transfer', { run, items: [0], style: 'disc' });
  const recon = await client.call('runs.reconstruct', { run, items: [0] });
  expect(await pixelsOf(one.results[0].picture)).toEqual(await pixelsOf(recon.reconstructions));
});

test('a mixture of one is the style; strength 0 is its own style, 1 the one asked for', async () => {
  const draw = async (wanted: { style?: string; mix?: Record<string, number>; strength?: number }) => String(await pixelsOf((await client.call('runs.transfer', { run, items: [0], ...wanted })).results[0].picture));
  const asked = await draw({ style: 'square' });
  expect(await draw({ mix: { square: 3 } })).toBe(asked);
  expect(await draw({ style: 'square', strength: 1 })).toBe(asked);
  const own = await draw({ style: 'square', strength: 0 });
  expect([asked, await draw({ style: 'disc' })]).toContain(own);
  expect(await draw({ mix: { disc: 1, square: 1 } })).not.toBe(asked);
  expect(await draw({ style: 'disc', strength: 0 })).toBe(own);
});

test('other kinds of picture: CMYK, 16 bits, an animation, and a size that is asked for', async () => {
  const paths = [
    await file('print.jpg', await colour(24, 16).toColourspace('cmyk').jpeg().toBuffer()),
    await file('deep.png', await colour(24, 16).toColourspace('rgb16').png().toBuffer()),
    await file('moving.webp', await sharp(Buffer.alloc(16 * 32 * 3, 90), { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } }).webp().toBuffer()),
  ];
  const { results } = await client.call('runs.transfer', { run, paths, style: 'disc', size: 12 });
  expect(results.map(({ picture }) => [picture.width, picture.height])).toEqual([[12, 8], [12, 8], [12, 12]]);
});

test('a dropped picture is kept in the gallery with the styles, the strength and the run in its file', async () => {
  await client.call('projects.create', { path: join(folders.root, 'project'), name: 'Styles' });
  await client.call('projects.open', { path: join(folders.root, 'project') });
  const bytes = await colour(20, 12).png().toBuffer();
  const { results, notes } = await client.call('runs.transfer', { run, pictures: [{ name: 'drop.png', bytes: new Uint8Array(bytes) }], mix: { disc: 1, square: 3 }, strength: 0.5, keep: true });
  expect(notes).toEqual([]);
  expect(results[0].item).toMatchObject({ width: 20, height: 12, recipe: { kind: 'transfer', run, strength: 0.5, styles: { disc: 0.25, square: 0.75 }, note: 'drop.png as disc 25 %, square 75 %, strength 0.5' } });
  const { items } = await client.call('gallery.list', {});
  expect(items.map(({ recipe }) => recipe)).toEqual([results[0].item!.recipe]);
  // Frames that are alike would be one.
  const film = await sharp(Buffer.alloc(16 * 32 * 3, 90).fill(200, 16 * 16 * 3), { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } }).webp().toBuffer();
  expect((await client.call('runs.transfer', { run, pictures: [{ name: 'film.webp', bytes: new Uint8Array(film) }], style: 'disc' })).notes).toEqual(['film.webp is an animation of 2 frames; its first one was taken.']);
  await expect(client.call('runs.transfer', { run, pictures: [{ name: 'notes.txt', bytes: new Uint8Array([1, 2, 3]) }], style: 'disc' })).rejects.toMatchObject({ message: expect.stringMatching(/notes.txt/) });
});

test.each<[string, object, RegExp]>([
  ['a style never seen', { items: [0], style: 'cubism' }, /never seen a style 'cubism'/],
  ['no style', { items: [0] }, /in which style/],
  ['style and mixture', { items: [0], style: 'disc', mix: { disc: 1 } }, /in which style/],
  ['a mixture of nothing', { items: [0], mix: { disc: 0 } }, /no style in it/],
  ['no pictures', { style: 'disc' }, /No pictures were named/],
  ['an item that is not there', { items: [9999], style: 'disc' }, /no item 9999/],
])('%s is refused', async (_, request, says) => {
  await expect(client.call('runs.transfer', { run, ...request })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(says) });
});

test('a run without styles, and pairs where there are none, are refused', async () => {
  await expect(client.call('runs.transfer', { run: plain, items: [0], style: 'disc' })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(/has no styles/) });
  const set = await openImages(join(folders.root, 'pictures'), { size: 8 });
  expect(() => planRun({ family: 'style-vq-vae', config: { stride: 4, pairs: true } }, { ...set, name: 'x', ref: '', fingerprint: '', height: 8, width: 8, channels: 3, count: set.count, itemName: String, read: set.read, close: set.close }, 'cpu', '')).toThrow(/has no pairs/);
  await set.close();
});

test('files of one name stay in one split, and transfers of held-out ones are scored beside source and palette', async () => {
  const images = await openImages(join(folders.root, 'pictures'), { size: 8 });
  const held = Array.from(images.split.test, (i) => images.itemName(i).split('/')[1]);
  expect(held.every((name) => held.filter((other) => other === name).length === 2)).toBe(true);
  const device = await openDevice('cpu');
  const opened = await openTrained(await (await import('../store/run-folder.ts')).openRun(run), device);
  const score = await scoreTransfer(opened, images, device, { judgeSteps: 60 });
  expect([score.names, score.transfers, score.styles]).toEqual([held.length / 2, held.length, ['disc', 'square']]);
  for (const figures of [score.source, score.palette, score.transfer]) {
    expect(figures.psnrDb).toBeGreaterThan(0);
    for (const share of [figures.judgedAsTarget, figures.amongNearest5, figures.ssim]) expect(Math.abs(share)).toBeLessThanOrEqual(1);
  }
  expect(score.judgeAccuracy).toBeGreaterThan(0.9);
  expect(score.source.judgedAsTarget).toBeLessThan(0.1);
  // The few names are all among the five nearest.
  expect(score.source.amongNearest5).toBe(1);
  opened.dispose();
  await images.close();
});
