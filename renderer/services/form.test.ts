import { expect, test } from 'vitest';
import { changedKeys, formFields, niceStep, parseList, words } from './form.ts';

const schema = {
  type: 'object',
  properties: {
    codes: { type: 'integer', minimum: 2, maximum: 8192, title: 'Codes', description: 'How many codes there are.', default: 512 },
    beta: { type: 'number', minimum: 0, maximum: 4, default: 0.25 },
    learning: { enum: ['ema', 'gradient'], title: 'Codebook learning', default: 'ema' },
    capacity: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }], default: null, title: 'Capacity' },
    widths: { type: 'array', items: { type: 'integer' } },
    revive: { type: 'boolean', default: true },
    likelihood: { anyOf: [{ const: 'gaussian' }, { const: 'bernoulli' }] },
    version: { const: 1 },
    nested: { type: 'object', properties: {} },
    free: { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
  },
};

test('one field a property, with kinds, limits and titles', () => {
  const fields = formFields(schema, { codes: 256, widths: [64, 128] });
  expect(fields.map((f) => [f.key, f.kind])).toEqual([
    ['codes', 'integer'], ['beta', 'number'], ['learning', 'enum'], ['capacity', 'number'], ['widths', 'list'], ['revive', 'boolean'],
    ['likelihood', 'enum'], ['free', 'integer'],
  ]);
  const [codes, beta, learning, capacity] = fields;
  expect(codes).toMatchObject({ title: 'Codes', description: 'How many codes there are.', min: 2, max: 8192, step: 1, logarithmic: true, value: 256 });
  expect(beta).toMatchObject({ title: 'Beta', min: 0, max: 4, step: 0.05, logarithmic: false, value: 0.25 });
  expect(learning).toMatchObject({ options: ['ema', 'gradient'], value: 'ema' });
  expect(capacity).toMatchObject({ nullable: true, value: null, min: 0 });
  expect(fields[6].options).toEqual(['gaussian', 'bernoulli']);
  expect(fields[7]).toMatchObject({ min: undefined, max: undefined });
});

test('an exclusive lower limit of an integer is the next whole number', () => {
  const [field] = formFields({ properties: { n: { type: 'integer', exclusiveMinimum: 0, maximum: 9 } } }, {});
  expect(field).toMatchObject({ min: 1, max: 9 });
});

test('words, steps, lists', () => {
  expect(words('codebookSize')).toBe('Codebook size');
  expect(niceStep(0, 1)).toBe(0.01);
  expect(niceStep(0, 500)).toBe(5);
  expect(niceStep()).toBe(0.01);
  expect(parseList('64, 128 256')).toEqual([64, 128, 256]);
  expect(parseList('64, x')).toBeNull();
});

test('only changed keys count as changed, arrays by content', () => {
  expect(changedKeys({ a: 1, b: [1, 2], c: 'x' }, { a: 2, b: [1, 2], c: 'x' })).toEqual(['a']);
});
