import { expect, test } from 'vitest';
import { metricRange } from './metric-range.ts';
import { contrast, hexToRgb, inGamut, labToRgb, legibleOn, luminance, rgbToHex, rgbToLab } from './oklab.ts';
import { extendedPalette } from './palette.ts';
import { applyFilter, colorByClass, colorByMetric, presence } from './point-colors.ts';
import { ramp, rampGradient, rampNames } from './ramps.ts';

test('OKLab of white, and of the red in the published table', () => {
  expect(rgbToLab([1, 1, 1]).map((x) => Number(x.toFixed(4)))).toEqual([1, 0, 0].map((x) => expect.closeTo(x, 3)));
  const [L, a, b] = rgbToLab([1, 0, 0]);
  expect([L, a, b]).toEqual([expect.closeTo(0.628, 3), expect.closeTo(0.2249, 3), expect.closeTo(0.1258, 3)]);
});

test('OKLab goes there and back', () => {
  for (const hex of ['#000000', '#56b4e9', '#f0e442', '#123456', '#ffffff']) expect(rgbToHex(labToRgb(rgbToLab(hexToRgb(hex))))).toBe(hex);
});

test('contrast is 21 between black and white, and 1 between equals', () => {
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21, 6);
  expect(contrast([0.3, 0.5, 0.1], [0.3, 0.5, 0.1])).toBe(1);
});

test('a colour that does not stand out is made lighter on dark and darker on light, its hue kept', () => {
  const yellow = hexToRgb('#f0e442');
  const onPaper = legibleOn([0.96, 0.96, 0.97], yellow);
  expect(contrast([0.96, 0.96, 0.97], onPaper)).toBeGreaterThanOrEqual(3);
  expect(luminance(onPaper)).toBeLessThan(luminance(yellow));
  const hue = (lab: readonly number[]): number => Math.atan2(lab[2], lab[1]);
  expect(hue(rgbToLab(onPaper))).toBeCloseTo(hue(rgbToLab(yellow)), 1);
  const onGraphite = legibleOn([0.04, 0.04, 0.05], hexToRgb('#0a0a60'));
  expect(contrast([0.04, 0.04, 0.05], onGraphite)).toBeGreaterThanOrEqual(3);
  expect(legibleOn([0.04, 0.04, 0.05], yellow)).toBe(yellow);
});

test('a longer palette begins with the shorter one, and no two colours are near each other', () => {
  const base = ['#e69f00', '#56b4e9', '#009e73'].map(hexToRgb);
  const short = extendedPalette(base, 12);
  const long = extendedPalette(base, 40);
  expect(long.slice(0, 12)).toEqual(short);
  expect(long.slice(0, 3)).toEqual(base);
  expect(long.every(inGamut)).toBe(true);
  let nearest = Infinity;
  for (let i = 0; i < long.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [rgbToLab(long[i]), rgbToLab(long[j])];
      nearest = Math.min(nearest, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
    }
  }
  expect(nearest).toBeGreaterThan(0.06);
  expect(extendedPalette(base, 2)).toEqual(base.slice(0, 2));
});

test('ramps begin and end as published, clamp, and grow lighter all the way', () => {
  expect(rgbToHex(ramp('viridis', 0))).toBe('#440154');
  expect(rgbToHex(ramp('viridis', 1))).toBe('#fde725');
  expect(rgbToHex(ramp('magma', 0.5))).toBe('#b73779');
  expect(ramp('cividis', 7)).toEqual(ramp('cividis', 1));
  for (const name of rampNames) {
    const lightness = Array.from({ length: 33 }, (_, i) => rgbToLab(ramp(name, i / 32))[0]);
    expect(lightness.every((L, i) => i === 0 || L > lightness[i - 1] - 0.002)).toBe(true);
    expect(rampGradient(name)).toMatch(/^linear-gradient\(to right, #[0-9a-f]{6}, /);
  }
});

test('a range leaves outliers and values that are not finite out', () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
  values[0] = 1e6;
  values[1] = NaN;
  const range = metricRange(values, 10);
  expect(range.low).toBeCloseTo(0.02, 1);
  expect(range.high).toBeCloseTo(0.98, 1);
  expect(range.max).toBe(1e6);
  expect(Math.max(...range.histogram)).toBe(1);
});

test('a range of equal values, and of none, is still a range', () => {
  const flat = metricRange(new Float32Array(5).fill(3));
  expect(flat.high).toBeGreaterThan(flat.low);
  expect(metricRange(new Float32Array(3).fill(NaN))).toMatchObject({ low: 0, high: 1 });
});

test('items take the colour of their class, unknown ones the other, and alpha is left alone', () => {
  const out = new Uint8Array(12).fill(7);
  colorByClass(Int32Array.of(1, -1, 0), [[1, 0, 0], [0, 1, 0]], [0.2, 0.2, 0.2], out);
  expect([...out]).toEqual([0, 255, 0, 7, 51, 51, 51, 7, 255, 0, 0, 7]);
});

test('items take the colour of their value, clamped to the range', () => {
  const out = new Uint8Array(16);
  const range = { low: 0, high: 1, min: 0, max: 1, histogram: new Float32Array(1) };
  colorByMetric(Float32Array.of(-5, 0, 1, NaN), range, 'viridis', [0.2, 0.2, 0.2], out);
  expect([...out.subarray(0, 3)]).toEqual([0x44, 0x01, 0x54]);
  expect([...out.subarray(0, 3)]).toEqual([...out.subarray(4, 7)]);
  expect([...out.subarray(8, 11)]).toEqual([0xfd, 0xe7, 0x25]);
  expect([...out.subarray(12, 15)]).toEqual([51, 51, 51]);
});

test('a filter dims the classes that are not shown; what is not selected recedes', () => {
  const out = new Uint8Array(16);
  const alphas = (): number[] => [out[3], out[7], out[11], out[15]];
  const labels = Int32Array.of(0, 1, -1, 9);
  applyFilter(labels, 2, new Set([1]), null, out);
  expect(alphas()).toEqual([presence.dimmed, presence.full, presence.dimmed, presence.dimmed]);
  applyFilter(labels, 2, new Set([-1]), null, out);
  expect(alphas()).toEqual([presence.dimmed, presence.dimmed, presence.full, presence.full]);
  applyFilter(labels, 2, null, null, out);
  expect(alphas()).toEqual([255, 255, 255, 255]);
  applyFilter(labels, 2, new Set([0, 1]), Uint8Array.of(0b0010), out);
  expect(alphas()).toEqual([presence.receding, presence.full, presence.dimmed, presence.dimmed]);
});
