import { expect, test } from 'vitest';
import { openedPaths } from './opened-paths.ts';

const exists = (path: string): boolean => !path.includes('missing');

test('options, the program, the application and what does not exist are left out', () => {
  const argv = ['/usr/bin/electron', '--inspect=0', '--no-sandbox', '/app', 'pictures', '/data/mnist.idx', '/data/missing', 'pictures', ''];
  expect(openedPaths(argv, '/home/a', '/app', exists)).toEqual(['/home/a/pictures', '/data/mnist.idx']);
});

test('a packaged application has no folder of its own on its command line', () => {
  expect(openedPaths(['/opt/atelier', 'x'], '/d', '/opt/resources/app', exists)).toEqual(['/d/x']);
});
