import { expect, test } from 'vitest';
import { keyOf } from './key-names.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => keyOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

test('Ctrl and Command are one', () => {
  expect(press('k', { ctrlKey: true })).toBe('mod+k');
  expect(press('k', { metaKey: true })).toBe('mod+k');
  expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('mod+shift+z');
});

test('shift is part of a sign, but counts with letters and named keys', () => {
  expect(press('?', { shiftKey: true })).toBe('?');
  expect(press('ArrowLeft', { shiftKey: true })).toBe('shift+arrowleft');
  expect(press(' ')).toBe('space');
  expect(press('1')).toBe('1');
});
