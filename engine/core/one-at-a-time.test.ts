import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('work that was asked for meanwhile waits, in order, also after a failure', async () => {
  const turn = oneAtATime();
  const told: string[] = [];
  const work = (name: string, fail = false) => async () => {
    told.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    told.push(`${name} ends`);
    if (fail) throw new Error(name);
    return name;
  };
  const [a, b, c] = [turn(work('a')), turn(work('b', true)), turn(work('c'))];
  expect(await a).toBe('a');
  await expect(b).rejects.toThrow('b');
  expect(await c).toBe('c');
  expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});
