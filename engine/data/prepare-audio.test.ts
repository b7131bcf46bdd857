import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { encodeSound } from '../audio/encode.ts';
import { loudnessOf } from '../audio/loudness.ts';
import { encodeWav } from '../audio/wav.ts';
import { SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { openAudioSet } from './audio-set.ts';
import { prepareAudio } from './prepare-audio.ts';

vi.setConfig({ testTimeout: 60_000 });

const RATE = SAMPLE_RATE_HZ;

/** Something like syllables: tones with harmonics that swell and fade, a pause after every second. */
function talk(hz: number, seconds: number, options: { seed?: number; rate?: number; level?: number; noise?: number } = {}): Float32Array {
  const { seed = 1, rate = RATE, level = 0.3, noise = 2e-4 } = options;
  const draw = rng(seed, 'talk');
  const beats = Array.from({ length: Math.ceil(seconds * 4) + 1 }, () => 0.8 + 0.4 * draw.uniform());
  const colours = beats.map(() => [draw.uniform(), draw.uniform(), draw.uniform(), draw.uniform()]);
  return Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => {
    const t = i / rate;
    const beat = Math.floor(t * 4);
    const pause = t % 2 > 1.4 ? 0 : 1;
    const phase = 2 * Math.PI * hz * beats[beat] * t;
    let x = 0;
    for (let h = 1; h <= 4; h++) x += colours[beat][h - 1] * Math.sin(h * phase);
    return pause * level * 0.5 * Math.sin(Math.PI * ((t * 4) % 1)) * x + noise * draw.normal();
  });
}

function folder(files: Record<string, Uint8Array | string>): string {
  const root = mkdtempSync(join(tmpdir(), 'voices-'));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  return root;
}
const wav = (samples: Float32Array, rate = RATE): Uint8Array => encodeWav(samples, rate);
const out = (): string => join(mkdtempSync(join(tmpdir(), 'set-')), 'set');
const wide = (samples: Float32Array, rate: number, sign: 1 | -1): Uint8Array => {
  const mono = encodeWav(new Float32Array(samples.length * 2).map((_, i) => samples[i >> 1] * (i % 2 ? sign : 1)), rate);
  new DataView(mono.buffer).setUint16(22, 2, true);
  new DataView(mono.buffer).setUint32(28, rate * 4, true);
  new DataView(mono.buffer).setUint16(32, 4, true);
  return mono;
};

test('two speakers: stretches, levels, pitch, splits and the text beside a file', async () => {
  const path = out();
  const given = folder({
    'anna/one.wav': wav(talk(210, 1.3)), 'anna/one.txt': 'Good  morning.\n', 'anna/long.flac': await encodeSound(talk(220, 9, { seed: 2, level: 0.05 }), { format: 'flac', sampleRateHz: 44100 }),
    'bert/one.mp3': await encodeSound(talk(110, 8, { seed: 3 }), { format: 'mp3' }), 'bert/notes.pdf': 'x',
  });
  const told: number[] = [];
  const info = await prepareAudio({ path: given, out: path, onProgress: (fraction) => told.push(fraction) });
  expect(info.speakers.map((s) => s.name)).toEqual(['anna', 'bert']);
  expect(info.speakers[0].medianF0Hz).toBeGreaterThan(1.6 * info.speakers[1].medianF0Hz);
  const set = await openAudioSet(path);
  expect(set.utterances.find((u) => u.name === 'anna/one.wav')).toMatchObject({ speaker: 0, text: 'Good morning.' });
  expect(set.utterances.filter((u) => u.name.startsWith('anna/long.flac@')).length).toBeGreaterThanOrEqual(4);
  for (const [i, u] of set.utterances.entries()) {
    expect(u.frames).toBeGreaterThanOrEqual(43);
    const loudness = loudnessOf(await set.readSamples(i), RATE);
    expect(Math.abs(loudness + 23)).toBeLessThan(4);
  }
  expect(told.every((f) => f >= 0 && f <= 1)).toBe(true);
  await set.close();
});

test('clips of 50 ms are filled up, not dropped', async () => {
  const path = out();
  const info = await prepareAudio({ path: folder({ 'a/tick.wav': wav(talk(200, 0.05)), 'b/long.wav': wav(talk(120, 4)) }), out: path });
  const set = await openAudioSet(path);
  expect(set.utterances.find((u) => u.name === 'a/tick.wav')!.frames).toBeGreaterThanOrEqual(43);
  expect(info.warnings.join('\n')).toMatch(/a\/tick\.wav is shorter than 0\.5 s and was filled up with silence/);
  await set.close();
});

test('silent, empty and broken files and a film are named; the others are taken', async () => {
  const mp3 = await encodeSound(talk(150, 6), { format: 'mp3' });
  const path = out();
  const info = await prepareAudio({
    path: folder({
      'a/good.wav': wav(talk(200, 3)), 'a/silence.wav': wav(new Float32Array(RATE)), 'a/empty.wav': new Uint8Array(0), 'a/film.mp4': Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42'),
      'b/cut.mp3': mp3.subarray(0, mp3.length >> 1), 'b/text.wav': 'this is not sound',
    }),
    out: path,
  });
  expect(info.skipped.total).toBe(4);
  const reasons = Object.fromEntries(info.skipped.files.map((f) => [f.path, f.reason]));
  expect(reasons['a/silence.wav']).toMatch(/is silent/);
  expect(reasons['a/empty.wav']).toMatch(/is empty/);
  expect(reasons['a/film.mp4']).toMatch(/is a video/);
  expect(reasons['b/text.wav']).toMatch(/not a sound/);
  // Half of a file of six seconds.
  expect(info.speakers[1].durationSec).toBeGreaterThan(1.5);
  expect(info.speakers[1].durationSec).toBeLessThan(4);
});

test('clipping, noise, the telephone, opposite channels and 192 kHz', async () => {
  const info = await prepareAudio({
    path: folder({
      'a/clipped.wav': wav(talk(200, 4, { level: 3 }).map((x) => Math.max(-1, Math.min(1, x)))), 'a/noisy.wav': wav(talk(190, 4, { seed: 4, level: 0.1, noise: 0.02 })),
      'b/phone.wav': wav(talk(120, 4, { seed: 5, rate: 8000 }), 8000), 'b/opposite.wav': wide(talk(110, 4, { seed: 6 }), RATE, -1), 'b/studio.wav': wav(talk(115, 2, { seed: 7, rate: 192_000 }), 192_000),
    }),
    out: out(),
  });
  const said = info.warnings.join('\n');
  expect(said).toMatch(/a\/clipped\.wav is clipped/);
  expect(said).toMatch(/a\/noisy\.wav has noise/);
  expect(said).toMatch(/b\/phone\.wav \(8 kHz\) was recorded for the telephone/);
  expect(said).toMatch(/b\/opposite\.wav: Its two channels are opposite in phase/);
  expect(said).not.toMatch(/studio/);
  expect(info.skipped.total).toBe(0);
});

test('one speaker only, and the same recording under two, also in another format and level', async () => {
  const one = await prepareAudio({ path: folder({ 'a.wav': wav(talk(200, 3)) }), out: out() });
  expect(one.warnings.join('\n')).toMatch(/one speaker only/);
  const sentence = talk(150, 1.3, { seed: 8 });
  const twice = await prepareAudio({
    path: folder({
      'a/x.wav': wav(sentence), 'b/y.flac': await encodeSound(sentence.map((x) => x * 0.4), { format: 'flac', sampleRateHz: 48000 }), 'b/other.wav': wav(talk(150, 1.3, { seed: 9 })), 'a/x2.wav': wav(sentence),
    }),
    out: out(),
  });
  expect(twice.warnings.join('\n')).toMatch(/1 recording is there under two speakers \(a\/x\.wav and b\/y\.flac\)/);
  expect(twice.warnings.join('\n')).toMatch(/1 recording is there twice \(a\/x\.wav and a\/x2\.wav\)/);
});

test('a table of files with speaker and text; one without the columns is refused', async () => {
  const root = folder({ 'clips/1.wav': wav(talk(200, 1.3)), 'clips/2.wav': wav(talk(100, 1.3, { seed: 2 })), 'list.csv': 'file,speaker,text\nclips/1.wav,Ann,"Hello, you"\nclips/2.wav,Bob,Bye\nclips/3.wav,Bob,Gone\n', 'bad.csv': 'a,b\n1,2\n' });
  const path = out();
  const info = await prepareAudio({ path: join(root, 'list.csv'), out: path });
  expect(info.speakers.map((s) => s.name)).toEqual(['Ann', 'Bob']);
  expect(info.skipped.files.map((f) => f.path)).toEqual(['clips/3.wav']);
  const set = await openAudioSet(path);
  expect(set.utterances.map((u) => u.text)).toEqual(['Hello, you', 'Bye']);
  await set.close();
  await expect(prepareAudio({ path: join(root, 'bad.csv'), out: out() })).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('"file" and "speaker" are needed') });
});

test('nothing is left of what was called off, and of what holds no speech', async () => {
  const given = folder({ 'a/x.wav': wav(talk(200, 3)), 'b/x.wav': wav(talk(100, 3)) });
  const path = out();
  await expect(prepareAudio({ path: given, out: path, signal: { aborted: true } })).rejects.toMatchObject({ code: 'cancelled' });
  await expect(prepareAudio({ path: folder({ 'a/x.wav': wav(new Float32Array(9000)) }), out: path })).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('None of the 1 recordings') });
  await expect(prepareAudio({ path: folder({ 'a/x.txt': 'words' }), out: path })).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('There are no recordings') });
  expect(existsSync(path)).toBe(false);
});

test('the same recordings give the same set', async () => {
  const given = folder({ 'a/x.wav': wav(talk(200, 5)), 'b/x.wav': wav(talk(100, 5, { seed: 2 })) });
  const [one, two] = [await prepareAudio({ path: given, out: out(), seed: 4 }), await prepareAudio({ path: given, out: out(), seed: 4 })];
  expect(one.fingerprint).toBe(two.fingerprint);
});
