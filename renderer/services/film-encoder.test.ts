import { afterEach, describe, expect, it, vi } from 'vitest';
import { FilmEncoder, filmBitrate, filmCodec, filmFailure } from './film-encoder.ts';

afterEach(() => vi.unstubAllGlobals());

describe('what a film costs', () => {
  it('a quarter of a bit for each pixel and picture', () => expect(filmBitrate(800, 600, 20)).toBe(2_400_000));
  it('small films still get a megabit, large ones no more than forty', () => {
    expect(filmBitrate(64, 64, 12)).toBe(1e6);
    expect(filmBitrate(3840, 2160, 60)).toBe(40e6);
  });
});

describe('a platform without encoders', () => {
  it('has no codec, and beginning a film says why and what else to do', async () => {
    expect(await filmCodec({ format: 'webm', width: 64, height: 64 })).toBeNull();
    await expect(FilmEncoder.begin({ format: 'webm', width: 64, height: 64, framesPerSecond: 12 })).rejects.toMatchObject({ code: 'unsupported', remedy: expect.stringContaining('GIF') });
  });
});

describe('a platform with some encoders', () => {
  it('chooses the first codec that it has', async () => {
    const asked: string[] = [];
    vi.stubGlobal('VideoEncoder', {
      isConfigSupported: async (config: { codec: string }) => {
        asked.push(config.codec);
        return { supported: config.codec.startsWith('vp8'), config };
      },
    });
    expect(await filmCodec({ format: 'webm', width: 64, height: 63 })).toBe('vp8');
    expect(asked[0]).toMatch(/^vp09/);
    expect(await filmCodec({ format: 'mp4', width: 64, height: 63 })).toBeNull();
    expect(filmFailure('mp4')).toMatchObject({ code: 'unsupported', message: expect.stringContaining('MP4'), remedy: expect.stringContaining('WebM') });
  });
});
