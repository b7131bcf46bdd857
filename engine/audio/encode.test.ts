import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { openSound } from './decode.ts';
import { encodeSound, writeSound } from './encode.ts';
import { encodeFlac } from './flac.ts';
import { readMono } from './mono.ts';

const folder = mkdtempSync(join(tmpdir(), 'encode-'));
const RATE = 22050;
/** Two seconds of a gliding tone with a little noise. */
const draw = rng(1, 'encode');
const sound = Float32Array.from({ length: 2 * RATE + 77 }, (_, i) => 0.4 * Math.sin(i * 0.05 + 3e-7 * i * i) + 0.01 * draw.normal());

async function read(path: string, rate = RATE) {
  const file = await openSound(path);
  const samples = await readMono(file, rate);
  await file.close();
  return { samples, rate: file.sampleRateHz, warnings: file.warnings };
}

test.each([16, 24] as const)('FLAC of %i bits comes back exactly', async (bits) => {
  const path = join(folder, `${bits}.flac`);
  const bytes = encodeFlac(sound, RATE, bits);
  writeFileSync(path, bytes);
  const got = await read(path);
  expect(got.rate).toBe(RATE);
  expect(got.samples.length).toBe(sound.length);
  const scale = 2 ** (bits - 1);
  // The decoder divides by the largest number, not by the scale.
  const apart = sound.reduce((most, x, i) => Math.max(most, Math.abs(Math.round(got.samples[i] * (scale - 1)) - Math.round(x * scale))), 0);
  expect(apart).toBe(0);
  if (bits === 16) expect(bytes.length).toBeLessThan(0.75 * 2 * sound.length);
});

test('FLAC of silence, of full noise, of one sample and of none', async () => {
  const noise = rng(2, 'noise');
  for (const [name, samples] of [['silence before a tone', Float32Array.from({ length: 9000 }, (_, i) => (i < 5000 ? 0 : 0.2 * Math.sin(i)))], ['noise', Float32Array.from({ length: 9000 }, () => 2 * noise.uniform() - 1)], ['one', Float32Array.of(-1)]] as const) {
    const path = join(folder, `${name}.flac`);
    writeFileSync(path, encodeFlac(samples, RATE));
    const { samples: got } = await read(path);
    expect(got.length).toBe(samples.length);
    expect(got.reduce((most, x, i) => Math.max(most, Math.abs(x - samples[i])), 0)).toBeLessThanOrEqual(1.6 / 32768);
  }
  expect(encodeFlac(new Float32Array(0), RATE).length).toBe(42);
});

test('MP3 at another rate sounds as before, later by what every encoder adds', async () => {
  const path = join(folder, 'tone.mp3');
  await writeSound(path, sound, { format: 'mp3', sampleRateHz: 44100, kbps: 192 });
  expect(readFileSync(path).length).toBeGreaterThan((1.9 * 192000) / 8);
  const got = await read(path);
  expect(got.rate).toBe(44100);
  let best = -Infinity;
  for (let shift = 0; shift <= 1000; shift++) {
    let error = 0, power = 0;
    for (let i = 2000; i < 8000; i++) {
      error += (got.samples[i + shift] - sound[i]) ** 2;
      power += sound[i] ** 2;
    }
    best = Math.max(best, 10 * Math.log10(power / error));
  }
  expect(best).toBeGreaterThan(20);
  await expect(encodeSound(sound, { format: 'mp3', sampleRateHz: 96000 })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(encodeSound(sound, { format: 'wav', sampleRateHz: 300 })).rejects.toMatchObject({ code: 'bad-input' });
});

test('a cut off MP3 gives what is there; nothing is left of a write that failed', async () => {
  const path = join(folder, 'cut.mp3');
  await writeSound(path, sound, { format: 'mp3' });
  const whole = (await read(path)).samples.length;
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
  const { samples } = await read(path);
  expect(samples.length).toBeGreaterThan(0.35 * whole);
  expect(samples.length).toBeLessThan(0.65 * whole);
  await expect(writeSound(join(folder, 'cut.mp3', 'below.wav'), sound, { format: 'wav' })).rejects.toMatchObject({ code: expect.any(String) });
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
