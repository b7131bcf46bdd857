import { expect, test } from 'vitest';
import { rounds } from './rounds.ts';

test.each([[2, 12], [3, 12], [5, 10], [9, 9], [30, 30]])('%i classes: %i columns', (classes, columns) => expect(rounds(classes)).toBe(columns));
