import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWindowState, placeWindow, saveWindowState } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };

test('the first window stands in the middle of the first screen', () => {
  expect(placeWindow(null, [screen])).toEqual({ x: 320, y: 140, width: 1280, height: 800 });
});

test('on a small screen the window is no larger than the screen', () => {
  expect(placeWindow(null, [{ x: 0, y: 24, width: 1024, height: 700 }])).toEqual({ x: 0, y: 24, width: 1024, height: 700 });
});

test('a remembered place is kept, on a second screen too', () => {
  const place = { x: 2000, y: 50, width: 1400, height: 900 };
  expect(placeWindow(place, [screen, { x: 1920, y: 0, width: 1920, height: 1080 }])).toEqual(place);
});

test.each([
  ['right of all screens', { x: 2000, y: 50, width: 1400, height: 900 }],
  ['above the screen', { x: 100, y: -200, width: 1400, height: 900 }],
  ['below the screen', { x: 100, y: 1070, width: 1400, height: 900 }],
  ['with only a sliver visible', { x: 1900, y: 10, width: 1400, height: 900 }],
])('a place %s is given up', (_name, place) => {
  expect(placeWindow(place, [screen])).toEqual({ x: 320, y: 140, width: 1280, height: 800 });
});

test('what is saved is loaded; nonsense is the usual state', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'window-')), 'window.json');
  expect(loadWindowState(file)).toEqual({ bounds: null, maximised: false, theme: 'system' });
  const state = { bounds: { x: 1, y: 2, width: 1000, height: 700 }, maximised: true, theme: 'light' } as const;
  saveWindowState(file, state);
  expect(loadWindowState(file)).toEqual(state);
  for (const nonsense of ['{', '[]', '{"bounds":{"x":"1"},"maximised":true,"theme":"light"}', '{"bounds":null,"maximised":false,"theme":"pink"}']) {
    writeFileSync(file, nonsense);
    expect(loadWindowState(file)).toEqual({ bounds: null, maximised: false, theme: 'system' });
  }
});

test('a folder that cannot be written is survived', () => {
  const file = join(tmpdir(), 'no-such-folder-here', 'window.json');
  saveWindowState(file, { bounds: null, maximised: false, theme: 'dark' });
  expect(loadWindowState(file).theme).toBe('system');
});
