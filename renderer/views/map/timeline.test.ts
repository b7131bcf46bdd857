import { expect, test } from 'vitest';
import { arrived, atLatest, currentStep, following, openedTimeline, played, scrubbed, stepped } from './timeline.ts';

const opened = openedTimeline([200, 400, 600]);

test('a map opens at its newest frame and follows', () => {
  expect(currentStep(opened)).toBe(600);
  expect(opened.follow).toBe(true);
  expect(currentStep(openedTimeline([]))).toBe(null);
});

test('a frame that comes is shown while following', () => {
  expect(currentStep(arrived(opened, 800))).toBe(800);
  expect(currentStep(arrived(openedTimeline([]), 200))).toBe(200);
});

test('one who looks back is left there, and sees that there is more', () => {
  const back = scrubbed(opened, 0);
  expect(back.follow).toBe(false);
  const later = arrived(back, 800);
  expect(currentStep(later)).toBe(200);
  expect(later.steps).toEqual([200, 400, 600, 800]);
});

test('a step that comes again, or out of order, is not doubled', () => {
  expect(arrived(opened, 400).steps).toEqual([200, 400, 600]);
  const between = arrived(scrubbed(opened, 1), 300);
  expect(between.steps).toEqual([200, 300, 400, 600]);
  expect(currentStep(between)).toBe(400);
});

test('stepping stops at both ends, and following begins again at the last', () => {
  expect(stepped(opened, 5).index).toBe(2);
  expect(stepped(opened, -9)).toMatchObject({ index: 0, follow: false });
  expect(stepped(stepped(opened, -1), 1).follow).toBe(true);
  expect(scrubbed(openedTimeline([]), 3).index).toBe(-1);
});

test('following jumps to the newest, and can be let go there', () => {
  expect(following(scrubbed(opened, 0), true)).toMatchObject({ index: 2, follow: true });
  expect(following(opened, false)).toMatchObject({ index: 2, follow: false });
});

test('playing ends at the newest frame', () => {
  const first = scrubbed(opened, 0);
  expect(currentStep(played(first)!)).toBe(400);
  expect(atLatest(opened)).toBe(true);
  expect(played(opened)).toBe(null);
});
