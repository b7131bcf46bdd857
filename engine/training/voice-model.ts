/** Voices opened for use: the converter, the recogniser that scores what it makes, and what is known of each voice. */
import { BANDS, linearBands } from '../audio/bands.ts';
import { MEL_BINS } from '../core/analysis.ts';
import { AtelierError } from '../core/errors.ts';
import type { Device, Program } from '../device/types.ts';
import { voiceConverter, type Converter } from '../models/voice-converter.ts';
import { FRAME_COLUMNS } from '../models/voice-frames.ts';
import { voiceRecogniser } from '../models/voice-recogniser.ts';
import { weightsUnder, type Bundle, type BundleAbout } from './voice-bundle.ts';
import { voicePass, type VoicePass } from './voice-pass.ts';

/** Frames the recogniser hears at a time. */
export const RECOGNISER_FRAMES = 128;

export interface VoiceModel extends VoicePass {
  readonly about: BundleAbout;
  readonly converter: Converter;
  /** Vectors of the trained voices, `[S, speakerSize]`. */
  readonly voices: Float32Array;
  /** Vector of one trained voice. */
  voice(index: number): Float32Array;
  /** The recogniser's vector of a stretch of speech, of length 1. @param samples at `SAMPLE_RATE_HZ` */
  recognise(samples: Float32Array): Promise<Float32Array>;
  /** Cosine of a vector with each trained voice, `[S]`. */
  likeness(vector: Float32Array): Float32Array;
  /** Gives converted spectra the variance of the natural voice, which averages lack (Toda et al. 2007); in place. @param mel `[T, MEL_BINS]` */
  colour(mel: Float32Array, speaker: number, part?: number): Float32Array;
  /** Codebook of each level, `[levels * K, codeSize]`. */
  readonly codebook: Float32Array;
}

export function openVoiceModel(device: Device, { about, weights }: Bundle): VoiceModel {
  const speakers = about.speakers.length;
  const converter = voiceConverter.build(voiceConverter.parse(about.converter), { height: about.windowFrames, width: FRAME_COLUMNS, channels: 1, classes: speakers });
  const recogniser = voiceRecogniser.build(voiceRecogniser.parse(about.recogniser), { height: RECOGNISER_FRAMES, width: BANDS, channels: 1, classes: speakers });
  const own = weightsUnder(weights, 'converter/');
  const need = (name: string) => {
    const found = weights[name];
    if (!found) throw new AtelierError('bad-data', `The voices of "${about.name}" lack '${name}'.`, 'Train them again, or use another copy.');
    return found.values;
  };
  const used = converter.params.filter(({ name }) => !/quantizer.*\/(sum|count)$/.test(name)).map(({ name }) => name);
  const state = device.createState(Object.fromEntries(used.map((name) => [name, { shape: own[name]?.shape ?? [], values: need(`converter/${name}`) }])));
  const ears = device.createState(weightsUnder(weights, 'recogniser/'));
  const pass = voicePass(device, converter, state);
  let ear: Promise<Program> | undefined;
  const voices = need(`converter/${converter.table}`);
  const { speakerSize } = converter.config;
  const centroids = need('centroids');
  const mean = need('colour/mean');
  const gain = need('colour/gain');
  return {
    ...pass,
    about,
    converter,
    voices,
    voice: (index) => voices.slice(index * speakerSize, (index + 1) * speakerSize),
    async recognise(samples) {
      const bands = linearBands(samples);
      const frames = bands.length / BANDS;
      ear ??= device.compile('recognise', (given, all) => ({ outputs: { vector: recogniser.embed(all, given.bands) } }), { inputs: { bands: { shape: [1, RECOGNISER_FRAMES, BANDS], dtype: 'float32' } }, state: ears });
      const program = await ear;
      const sum = new Float32Array(recogniser.size);
      const count = Math.max(1, Math.min(40, Math.floor(frames / RECOGNISER_FRAMES)));
      const rows = new Float32Array(RECOGNISER_FRAMES * BANDS);
      for (let w = 0; w < count; w++) {
        const from = count === 1 ? 0 : Math.round(((frames - RECOGNISER_FRAMES) * w) / (count - 1));
        for (let t = 0; t < RECOGNISER_FRAMES; t++) {
          const at = (from + t) % frames;
          rows.set(bands.subarray(at * BANDS, (at + 1) * BANDS), t * BANDS);
        }
        const { vector } = await program.run({ bands: rows });
        for (let i = 0; i < sum.length; i++) sum[i] += vector[i];
      }
      const length = Math.sqrt(sum.reduce((n, v) => n + v * v, 1e-12));
      return sum.map((v) => v / length);
    },
    likeness: (vector) => Float32Array.from({ length: speakers }, (_, s) => vector.reduce((n, v, i) => n + v * centroids[s * vector.length + i], 0)),
    colour(mel, speaker, part = 1) {
      for (let t = 0; t < mel.length / MEL_BINS; t++) {
        for (let m = 0; m < MEL_BINS; m++) {
          const centre = mean[speaker * MEL_BINS + m];
          mel[t * MEL_BINS + m] = centre + (mel[t * MEL_BINS + m] - centre) * (1 + (gain[speaker * MEL_BINS + m] - 1) * part);
        }
      }
      return mel;
    },
    codebook: Float32Array.from(converter.levels === 1 ? need('converter/quantizer/codebook') : Array.from({ length: converter.levels }, (_, l) => [...need(`converter/quantizer/${l}/codebook`)]).flat()),
    dispose() {
      pass.dispose();
      void ear?.then((p) => p.dispose(), () => {});
      state.dispose();
      ears.dispose();
    },
  };
}
