import { expect, test } from 'vitest';
import { trainRequest } from './runs.ts';

test('a request holds only the settings it names, so that a preset can fill in the others', () => {
  expect(trainRequest.parse({ family: 'vae', data: 'd', training: { steps: 5 } }).training).toEqual({ steps: 5 });
  expect(trainRequest.parse({ family: 'vae', data: 'd' }).training).toEqual({});
});

test('the limits of the plan hold for a request too', () => {
  const issues = trainRequest.safeParse({ family: 'vae', data: 'd', training: { batchSize: 0, minutes: -1 } }).error?.issues;
  expect(issues?.map((issue) => issue.path.join('.'))).toEqual(['training.minutes', 'training.batchSize']);
});
