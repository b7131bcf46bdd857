import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { openSound } from './decode.ts';
import { createG722 } from './g722.ts';
import { gainTo, loudnessOf } from './loudness.ts';
import { readMono } from './mono.ts';
import { createResampler, resample } from './resample.ts';
import { findSpeech } from './silence.ts';
import { encodeWav } from './wav.ts';

const folder = mkdtempSync(join(tmpdir(), 'audio-'));
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const sine = (hz: number, rate: number, seconds: number, amplitude = 0.5): Float32Array => Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rate));

/** Decibels between the sine of this frequency that fits best and what is left. */
function purity(samples: Float32Array, hz: number, rate: number): number {
  let cc = 0, cs = 0, ss = 0, xc = 0, xs = 0, xx = 0;
  for (let i = 0; i < samples.length; i++) {
    const c = Math.cos((2 * Math.PI * hz * i) / rate), s = Math.sin((2 * Math.PI * hz * i) / rate), x = samples[i];
    cc += c * c; cs += c * s; ss += s * s; xc += x * c; xs += x * s; xx += x * x;
  }
  const det = cc * ss - cs * cs;
  const a = (xc * ss - xs * cs) / det, b = (xs * cc - xc * cs) / det;
  const fitted = a * xc + b * xs;
  return 10 * Math.log10(fitted / Math.max(1e-30, xx - fitted));
}

/** A WAV file of any coding, written here by hand. */
function wav(tag: number, bits: number, channels: number, rate: number, data: Uint8Array, extensible = false): Uint8Array {
  const fmt = extensible ? 40 : 16;
  const out = Buffer.alloc(28 + fmt + data.length);
  out.write('RIFF', 0);
  out.writeUInt32LE(out.length - 8, 4);
  out.write('WAVEfmt ', 8);
  out.writeUInt32LE(fmt, 16);
  out.writeUInt16LE(extensible ? 0xfffe : tag, 20);
  out.writeUInt16LE(channels, 22);
  out.writeUInt32LE(rate, 24);
  out.writeUInt32LE((rate * channels * bits) / 8, 28);
  out.writeUInt16LE((channels * bits) / 8, 32);
  out.writeUInt16LE(bits, 34);
  if (extensible) {
    out.writeUInt16LE(22, 36);
    out.writeUInt16LE(bits, 38);
    out.writeUInt16LE(tag, 44);
  }
  out.write('data', 20 + fmt);
  out.writeUInt32LE(data.length, 24 + fmt);
  out.set(data, 28 + fmt);
  return out;
}

test.each([
  ['8 bits', 1, 8, Uint8Array.of(0, 128, 192), false, [-1, 0, 0.5]],
  ['16 bits', 1, 16, new Uint8Array(Int16Array.of(-32768, 0, 16384).buffer), false, [-1, 0, 0.5]],
  ['24 bits', 1, 24, Uint8Array.of(0, 0, 0x80, 0, 0, 0, 0, 0, 0x40), false, [-1, 0, 0.5]],
  ['24 bits, extensible', 1, 24, Uint8Array.of(0, 0, 0x80, 0, 0, 0, 0, 0, 0x40), true, [-1, 0, 0.5]],
  ['32 bits', 1, 32, new Uint8Array(Int32Array.of(-2147483648, 0, 1073741824).buffer), false, [-1, 0, 0.5]],
  ['floats', 3, 32, new Uint8Array(Float32Array.of(-1, 0, 0.5).buffer), true, [-1, 0, 0.5]],
  ['doubles', 3, 64, new Uint8Array(Float64Array.of(-1, 0, 0.5).buffer), false, [-1, 0, 0.5]],
  // G.711, tables 1a and 2a: the smallest and largest values.
  ['mu-law', 7, 8, Uint8Array.of(0xff, 0x80, 0x00), false, [0, 32124 / 32768, -32124 / 32768]],
  ['A-law', 6, 8, Uint8Array.of(0xd5, 0xaa, 0x2a), false, [8 / 32768, 32256 / 32768, -32256 / 32768]],
])('WAV of %s', async (name, tag, bits, data, extensible, wanted) => {
  const sound = await openSound(file(`${name}.wav`, wav(tag, bits, 1, 22050, data, extensible)));
  expect(sound.sampleRateHz).toBe(22050);
  const [[got]] = await collect(sound.pieces());
  wanted.forEach((x, i) => expect(got[i]).toBeCloseTo(x, 6));
  await sound.close();
});

async function collect<T>(all: AsyncGenerator<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of all) out.push(one);
  return out;
}

test('what is written is read again, and files of unknown length to their end', async () => {
  const samples = sine(440, 22050, 0.1);
  for (const depth of ['int16', 'int24', 'float32'] as const) {
    const bytes = encodeWav(samples, 22050, depth);
    const sound = await openSound(file('again.wav', bytes));
    const got = await readMono(sound);
    await sound.close();
    expect(got.length).toBe(samples.length);
    const step = depth === 'int16' ? 2 ** -16 : depth === 'int24' ? 2 ** -24 : 0;
    got.forEach((x, i) => expect(Math.abs(x - samples[i])).toBeLessThanOrEqual(step + 1e-9));
  }
  const piped = encodeWav(samples, 22050);
  new DataView(piped.buffer).setUint32(40, 0xffffffff, true);
  const open = await openSound(file('piped.wav', piped));
  expect((await readMono(open)).length).toBe(samples.length);
  await open.close();
  const cut = await openSound(file('cut.wav', encodeWav(samples, 22050).subarray(0, 44 + 1000)));
  expect((await readMono(cut)).length).toBe(500);
  expect(cut.warnings).toEqual([expect.stringContaining('cut.wav is cut off: 23 %')]);
  await cut.close();
});

test.each([
  ['nothing.wav', new Uint8Array(0), /is empty/],
  ['text.wav', Buffer.from('hello, this is a letter'), /not a sound/],
  ['film.mp4', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42'), /is a video/],
  ['film.mkv', Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0, 0, 0, 0]), /is a video/],
  ['film.avi', Buffer.from('RIFF\0\0\0\0AVI LIST'), /is a video/],
  ['song.m4a', Buffer.from('\0\0\0\x18ftypM4A \0\0\0\0M4A mp42'), /only the application's window/],
  ['adpcm.wav', wav(17, 4, 1, 8000, new Uint8Array(64)), /IMA ADPCM/],
  ['headless.wav', Buffer.from('RIFF\x10\0\0\0WAVEjunk\0\0\0\0'), /no format/],
  ['broken.mp3', Buffer.concat([Buffer.from('ID3'), Buffer.alloc(4000)]), /no sound in it/],
])('%s is refused with a reason', async (name, bytes, message) => {
  await expect(openSound(file(name, bytes))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(message), remedy: expect.stringMatching(/./) });
});

test('G.722: the quiet line of a known stream, and the same in pieces', () => {
  const draw = rng(1, 'g722');
  const bytes = Uint8Array.from({ length: 4000 }, () => draw.int(256));
  const whole = createG722()(bytes);
  expect(whole.length).toBe(8000);
  const decode = createG722();
  const parts = [decode(bytes.subarray(0, 1234)), decode(bytes.subarray(1234))];
  expect([...parts[0], ...parts[1]]).toEqual([...whole]);
  expect(Math.max(...whole.map(Math.abs))).toBeLessThanOrEqual(1);
});

test.each([
  [44100, 22050],
  [48000, 22050],
  [16000, 22050],
  [8000, 22050],
  [192000, 22050],
  [22050, 44100],
  [22050, 16000],
])('from %i to %i Hz: a sine stays pure by 100 dB, what is beyond goes', (from, to) => {
  const low = Math.min(from, to);
  for (const hz of [100, 997, 0.197 * low, 0.42 * low]) {
    const out = resample(sine(hz, from, 0.6), from, to);
    expect(out.length).toBe(Math.round((Math.round(0.6 * from) * to) / from));
    const inner = out.subarray(Math.round(0.1 * to), Math.round(0.5 * to));
    // The inner part begins at a whole number of samples, so the sine keeps its frequency.
    expect(purity(inner, hz, to)).toBeGreaterThan(100);
    expect(Math.max(...inner)).toBeCloseTo(0.5, 2);
  }
  if (to < from) {
    const out = resample(sine(0.56 * to, from, 0.4), from, to);
    expect(Math.max(...out.subarray(Math.round(0.1 * to), Math.round(0.3 * to)).map(Math.abs))).toBeLessThan(0.5e-4);
  }
});

test('pieces of any length give what the whole gives', () => {
  const samples = rng(2, 'pieces').fillNormal(new Float32Array(5000));
  const whole = resample(samples, 44100, 22050);
  const resampler = createResampler(44100, 22050);
  const parts: number[] = [];
  for (let at = 0; at < samples.length; at += 333) parts.push(...resampler.push(samples.subarray(at, at + 333)));
  parts.push(...resampler.flush());
  expect(parts.length).toBe(whole.length);
  parts.forEach((x, i) => expect(x).toBeCloseTo(whole[i], 6));
  expect(() => createResampler(0, 22050)).toThrow(/sample rate of 0/);
});

test('loudness of the reference: a sine of 997 Hz at full scale has -3.01 LUFS', () => {
  for (const rate of [22050, 48000]) expect(loudnessOf(sine(997, rate, 3, 1), rate)).toBeCloseTo(-3.01, 1);
  // The gate leaves pauses out: half a minute of silence changes nothing.
  const long = new Float32Array(22050 * 10);
  long.set(sine(997, 22050, 3, 0.1));
  expect(loudnessOf(long, 22050)).toBeCloseTo(-23.01, 0);
  expect(loudnessOf(new Float32Array(22050), 22050)).toBe(-Infinity);
  expect(gainTo(new Float32Array(100), 22050)).toBe(1);
  expect(gainTo(sine(997, 22050, 2, 0.01), 22050)).toBeCloseTo(10, 0);
  // Never above the limit of the peak.
  const spiky = sine(997, 22050, 2, 0.01);
  spiky[100] = 0.9;
  expect(gainTo(spiky, 22050) * 0.9).toBeLessThanOrEqual(0.8913);
});

test('speech is found between silences, long stretches are cut where they are quiet', () => {
  const rate = 22050;
  const draw = rng(3, 'hum');
  const samples = Float32Array.from({ length: rate * 34 }, () => 0.0005 * draw.normal());
  const voice = (from: number, to: number) => {
    for (let i = Math.round(from * rate); i < to * rate; i++) samples[i] += 0.3 * Math.sin(i * 0.06);
  };
  voice(1, 2);
  voice(2.2, 3); // a pause within the sentence
  voice(5, 13.9);
  voice(14, 26); // longer than the longest, with a quiet place at 13.95
  const { spans } = findSpeech(samples, rate);
  const at = spans.map(({ from, to }) => [from / rate, to / rate]);
  expect(at[0][0]).toBeCloseTo(0.9, 1);
  expect(at[0][1]).toBeCloseTo(3.1, 1);
  expect(at[1][0]).toBeCloseTo(4.9, 1);
  expect(at[1][1]).toBeCloseTo(13.95, 1);
  expect(at.every(([from, to]) => to - from <= 12.3)).toBe(true);
  expect(at.at(-1)![1]).toBeCloseTo(26.1, 1);
  expect(findSpeech(new Float32Array(rate), rate).spans).toEqual([]);
  expect(findSpeech(new Float32Array(0), rate).spans).toEqual([]);
  // Without any pause all is speech.
  const steady = sine(200, rate, 2);
  expect(findSpeech(steady, rate).spans).toEqual([{ from: 0, to: steady.length }]);
});

test('channels are averaged; opposite ones would cancel, so the left is taken', async () => {
  const left = sine(300, 22050, 0.2);
  const stereo = (sign: number): Uint8Array => {
    const data = new Int16Array(left.length * 2);
    left.forEach((x, i) => {
      data[2 * i] = Math.round(x * 20000);
      data[2 * i + 1] = sign * Math.round(x * 20000);
    });
    return wav(1, 16, 2, 22050, new Uint8Array(data.buffer));
  };
  for (const sign of [1, -1]) {
    const sound = await openSound(file('stereo.wav', stereo(sign)));
    const got = await readMono(sound);
    got.forEach((x, i) => expect(x).toBeCloseTo((left[i] * 20000) / 32768, 3));
    expect(sound.warnings.length).toBe(sign === 1 ? 0 : 1);
    await sound.close();
  }
});
