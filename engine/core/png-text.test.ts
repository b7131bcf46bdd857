import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pngText, withPngText } from './png-text.ts';

const picture = () => sharp({ create: { width: 3, height: 2, channels: 3, background: '#f80' } }).png().toBuffer();

test('texts are written and read back, whatever their letters, and the pixels stay', async () => {
  const png = await picture();
  const text = JSON.stringify({ seed: 7, name: 'Ключ – «été» 🎨' });
  const marked = withPngText(png, { 'latent-atelier': text, Software: 'Latent Atelier' });
  expect(pngText(marked)).toEqual({ 'latent-atelier': text, Software: 'Latent Atelier' });
  const [before, after] = await Promise.all([png, marked].map((bytes) => sharp(bytes).raw().toBuffer()));
  expect(Buffer.compare(before, after)).toBe(0);
});

test('a keyword that is there already is replaced', async () => {
  const once = withPngText(await picture(), { a: '1', b: '2' });
  expect(pngText(withPngText(once, { a: '3' }))).toEqual({ a: '3', b: '2' });
});

test('bytes that are no PNG, one that is cut short and a keyword that cannot be are refused', async () => {
  const png = await picture();
  expect(() => pngText(Uint8Array.of(1, 2, 3))).toThrow(/not a whole PNG/);
  expect(() => pngText(png.subarray(0, png.length - 5))).toThrow(/ends within a chunk/);
  expect(() => withPngText(png, { ' lead': 'x' })).toThrow(/cannot name a text/);
});
