import { Command } from 'commander';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { addSchemaOptions, indexList } from './schema-options.ts';

const schema = z.toJSONSchema(
  z.object({
    codes: z.number().int().min(2).max(100).default(10).describe('Size of the codebook.'),
    codeSize: z.number().positive().max(4),
    stride: z.union([z.literal(2), z.literal(4)]),
    kind: z.enum(['ema', 'gradient']),
    warm: z.boolean().default(true),
    clip: z.number().positive().nullable(),
    widths: z.array(z.number().int()),
    steps: z.number().int(),
  }),
  { io: 'input' },
) as { properties: Record<string, unknown> };

function parse(...argv: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const pick = addSchemaOptions(command, schema, { group: 'Model:', defaults: { codes: 512 }, taken: new Set(['steps']) });
  command.parse(argv, { from: 'user' });
  return pick(command.opts());
}

test('each property is an option of its type; those not given are left out', () => {
  expect(parse()).toEqual({});
  expect(parse('--codes', '64', '--code-size', '0.5', '--stride', '4', '--kind', 'gradient', '--no-warm', '--clip', 'none', '--widths', '8,16', '--model-steps', '3')).toEqual({
    codes: 64, codeSize: 0.5, stride: 4, kind: 'gradient', warm: false, clip: null, widths: [8, 16], steps: 3,
  });
  expect(parse('--warm', '--clip', '2')).toEqual({ warm: true, clip: 2 });
});

test.each([
  ['--codes', '1'], ['--codes', '101'], ['--codes', '2.5'], ['--codes', 'many'], ['--codes', ''], ['--code-size', '0'], ['--code-size', '5'], ['--stride', '3'], ['--kind', 'x'],
  ['--widths', '8,a'], ['--unknown', '1'],
])('%s %j is bad usage', (...argv) => {
  expect(() => parse(...argv)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^commander\./) }));
});

test('help names the description and the family\'s default', () => {
  const command = new Command();
  addSchemaOptions(command, schema, { group: 'Model:', defaults: { codes: 512 } });
  expect(command.helpInformation()).toMatch(/--codes <integer>\s+Size of the codebook\. \(default: 512\)/);
});

test('lists of items take ranges', () => {
  expect(indexList('1,4,10-12')).toEqual([1, 4, 10, 11, 12]);
  expect(() => indexList('3-1')).toThrow();
  expect(() => indexList('x')).toThrow();
});
