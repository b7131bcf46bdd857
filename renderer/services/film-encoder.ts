/** Films with the encoders of the platform (WebCodecs), put into WebM or MP4 files. */
import type { AudioBufferSource, AudioCodec, CanvasSource, Output, BufferTarget, VideoCodec } from 'mediabunny';
import type { ErrorValue } from '../../electron/contract/index.ts';

export type VideoFormat = 'webm' | 'mp4';

/** What a format may hold, the most widely played first; the platform decides which of them it can write. */
const codecs = {
  webm: { video: ['vp9', 'vp8', 'av1'], sound: ['opus'] },
  mp4: { video: ['avc', 'av1', 'hevc'], sound: ['aac', 'opus'] },
} as const satisfies Record<VideoFormat, { video: readonly VideoCodec[]; sound: readonly AudioCodec[] }>;

export const videoMime: Record<VideoFormat, string> = { webm: 'video/webm', mp4: 'video/mp4' };

export interface FilmSpec {
  format: VideoFormat;
  /** In pixels; made even, as the encoders want it, by the encoder's canvas. */
  width: number;
  height: number;
  framesPerSecond: number;
  /** Played from the first picture on. */
  sound?: AudioBuffer;
}

const even = (px: number): number => Math.max(2, Math.ceil(px / 2) * 2);

/** Bits a second: enough for what is drawn sharply, 0.25 for each pixel and picture, between 1 and 40 Mbit/s. */
export const filmBitrate = (width: number, height: number, framesPerSecond: number): number => Math.min(40e6, Math.max(1e6, Math.round(width * height * framesPerSecond * 0.25)));

/** The codec by which this platform writes such a film; null when it has none. */
export async function filmCodec({ format, width, height }: Pick<FilmSpec, 'format' | 'width' | 'height'>): Promise<VideoCodec | null> {
  if (!('VideoEncoder' in globalThis)) return null;
  const { canEncodeVideo } = await import('mediabunny');
  for (const codec of codecs[format].video) if (await canEncodeVideo(codec, { width: even(width), height: even(height) })) return codec;
  return null;
}

/** Why there can be no film of a format here, and what can be done. */
export function filmFailure(format: VideoFormat): ErrorValue & Error {
  const here = 'VideoEncoder' in globalThis;
  const message = here ? `This computer has no encoder for ${format === 'mp4' ? 'MP4 (H.264, AV1 or HEVC)' : 'WebM (VP9, VP8 or AV1)'} films of this size.` : 'This browser encodes no films: pages that do not come over https or from this computer may not.';
  const remedy = here ? `Choose ${format === 'mp4' ? 'WebM' : 'GIF'} instead.` : 'Choose GIF, or open the page in the application.';
  return Object.assign(new Error(message), { code: 'unsupported' as const, remedy }) as ErrorValue & Error;
}

/**
 * A film under way. Draw each picture on `context`, then `add`; at last `end`, or `cancel`.
 */
export class FilmEncoder {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
  /** Pictures so far. */
  frames = 0;
  readonly #spec: FilmSpec;
  readonly #output: Output<never, BufferTarget>;
  readonly #pictures: CanvasSource;

  private constructor(spec: FilmSpec, canvas: OffscreenCanvas, output: Output<never, BufferTarget>, pictures: CanvasSource) {
    this.#spec = spec;
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false })!;
    this.#output = output;
    this.#pictures = pictures;
  }

  /** @throws ErrorValue `unsupported` when the platform has no encoder for it */
  static async begin(spec: FilmSpec): Promise<FilmEncoder> {
    const codec = await filmCodec(spec);
    if (!codec) throw filmFailure(spec.format);
    const { AudioBufferSource, BufferTarget, CanvasSource, Mp4OutputFormat, Output, Quality, WebMOutputFormat } = await import('mediabunny');
    const canvas = new OffscreenCanvas(even(spec.width), even(spec.height));
    const output = new Output({ format: spec.format === 'mp4' ? new Mp4OutputFormat({ fastStart: 'in-memory' }) : new WebMOutputFormat(), target: new BufferTarget() });
    const pictures = new CanvasSource(canvas, { codec, quality: new Quality({ bitrate: filmBitrate(canvas.width, canvas.height, spec.framesPerSecond) }), keyFrameInterval: 1 });
    output.addVideoTrack(pictures, { frameRate: spec.framesPerSecond });
    let sound: AudioBufferSource | null = null;
    if (spec.sound) {
      sound = new AudioBufferSource({ codec: await soundCodec(spec.format, spec.sound), quality: new Quality({ bitrate: 128_000 }) });
      output.addAudioTrack(sound);
    }
    await output.start();
    if (sound && spec.sound) {
      await sound.add(spec.sound);
      sound.close();
    }
    return new FilmEncoder(spec, canvas, output as unknown as Output<never, BufferTarget>, pictures);
  }

  /** Takes what the canvas shows as the next picture. */
  async add(): Promise<void> {
    const seconds = 1 / this.#spec.framesPerSecond;
    await this.#pictures.add(this.frames++ * seconds, seconds);
  }

  /** @returns the whole file */
  async end(): Promise<Blob> {
    await this.#output.finalize();
    return new Blob([this.#output.target.buffer!], { type: videoMime[this.#spec.format] });
  }

  /** Gives up; nothing is kept. */
  async cancel(): Promise<void> {
    if (this.#output.state === 'started') await this.#output.cancel();
  }
}

async function soundCodec(format: VideoFormat, { numberOfChannels, sampleRate }: AudioBuffer): Promise<AudioCodec> {
  const { canEncodeAudio } = await import('mediabunny');
  for (const codec of codecs[format].sound) if (await canEncodeAudio(codec, { numberOfChannels, sampleRate })) return codec;
  throw filmFailure(format);
}
