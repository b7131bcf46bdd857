import { expect, test } from 'vitest';
import { decodeHere, isWindowOnly } from './decode-here.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test('AAC is told from what the engine reads, by its bytes', () => {
  expect(isWindowOnly(bytes('\0\0\0\x20ftypM4A \0\0'), 'memo')).toBe(true);
  expect(isWindowOnly(bytes('\0\0\0\x20ftypqt  \0\0'), 'memo.m4a')).toBe(true);
  expect(isWindowOnly(bytes('\0\0\0\x20ftypqt  \0\0'), 'film.mov')).toBe(false);
  expect(isWindowOnly(bytes('\xff\xf1\x50\x80\0\0\0\0\0\0\0\0'), 'a.aac')).toBe(true);
  expect(isWindowOnly(bytes('\xff\xfb\x90\x64\0\0\0\0\0\0\0\0'), 'a.mp3')).toBe(false);
  expect(isWindowOnly(bytes('RIFF\0\0\0\0WAVEfmt '), 'a.wav')).toBe(false);
  expect(isWindowOnly(bytes('fLaC'), 'a.flac')).toBe(false);
});

test('what cannot be held in memory is refused before it is read', async () => {
  const file = { name: 'talk.m4a', size: 65 * 2 ** 20, arrayBuffer: () => Promise.reject(new Error('was read')) } as unknown as File;
  await expect(decodeHere(file)).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('talk.m4a') });
});
