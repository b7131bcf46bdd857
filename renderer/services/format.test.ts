import { expect, test } from 'vitest';
import { formatAgo, formatBytes, formatDuration, formatShort, formatValue } from './format.ts';
import { metricName, metricText, sortMetrics } from './metric-names.ts';

test('durations', () => {
  expect([0.2, 12, 75, 600, 7300].map(formatDuration)).toEqual(['under 1 s', '12 s', '1 min 15 s', '10 min', '2 h 1 min']);
  expect(formatDuration(Infinity)).toBe('unknown');
});

test('bytes and counts', () => {
  expect([12, 1536, 3_500_000, 2 ** 31].map(formatBytes)).toEqual(['12 B', '1.5 KiB', '3.3 MiB', '2 GiB']);
  expect([950, 12_345, 320_081, 1_000_000, 1_234_567, -20_000].map(formatShort)).toEqual(['950', '12.3 k', '320 k', '1 M', '1.23 M', '-20 k']);
});

test('values', () => {
  expect([0, 0.12345, 12.3456, 12345.6, 0.00001234, 3e-4].map(formatValue)).toEqual(['0', '0.1235', '12.35', '12,346', '1.23e-5', '3e-4']);
});

test('ages', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(formatAgo('2026-01-01T23:59:50Z', now)).toBe('just now');
  expect(formatAgo('2026-01-01T23:00:00Z', now)).toBe('1 hour ago');
  expect(formatAgo('2025-12-30T00:00:00Z', now)).toBe('3 days ago');
});

test('metric names become words with units', () => {
  expect(metricName('psnrDb')).toMatchObject({ title: 'PSNR', unit: 'dB', better: 1 });
  expect(metricName('priorKlNats')).toMatchObject({ title: 'Prior kl', unit: 'nats' });
  expect(metricText('codesUsed', 0.5)).toBe('50 %');
  expect(metricText('unheardOf', 2)).toBe('2');
  expect(sortMetrics(['zeta', 'klNats', 'loss', 'psnrDb', 'alpha'])).toEqual(['psnrDb', 'loss', 'klNats', 'alpha', 'zeta']);
});
