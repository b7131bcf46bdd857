import { expect, test, vi } from 'vitest';

vi.mock('./recorder-worklet.ts?worker&url', () => ({ default: 'recorder.js' }));
vi.mock('../shell.ts', () => ({ shell: null }));
const { microphoneError } = await import('./microphone.ts');

test.each([
  ['NotAllowedError', 'no-permission', /refused/],
  ['SecurityError', 'no-permission', /refused/],
  ['NotFoundError', 'not-found', /No microphone was found/],
  ['OverconstrainedError', 'not-found', /No microphone was found/],
  ['NotReadableError', 'busy', /cannot be used just now/],
])('%s is told as %s', (name, code, message) => {
  const told = microphoneError(new DOMException('x', name));
  expect(told.code).toBe(code);
  expect(told.message).toMatch(message);
  expect(told.remedy.length).toBeGreaterThan(20);
});

test('anything else keeps its own words as the remedy', () => {
  expect(microphoneError(new Error('The sound system went away.'))).toEqual({ code: 'unavailable', message: 'The microphone could not be started.', remedy: 'The sound system went away.' });
  expect(microphoneError('?').remedy).toMatch(/Try again/);
});
