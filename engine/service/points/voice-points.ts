/** The codes of a voice converter and its voices as points of one map; each can be heard. */
import type { PointItem } from '../../../electron/contract/index.ts';
import { FRAME_RATE_HZ, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { encodeWav } from '../../audio/wav.ts';
import type { GivenColumn, Vectors } from '../../data/points/index.ts';
import { speakCodes } from '../voice/code-sound.ts';
import type { VoiceCache } from '../voice/voice-cache.ts';
import { voiceMap } from '../voice/voice-map.ts';
import { voiceSample } from '../voice/voice-sample.ts';

/** The voices stand in a smaller sphere above that of the codes: the two spaces have nothing in common but the room. */
const VOICES_SIZE = 0.45;
const VOICES_ABOVE = 1.7;
const CODE_SEC = 0.4;
const PAUSE_SEC = 0.12;

export interface VoicePoints {
  title: string;
  vectors: Vectors;
  columns: GivenColumn[];
  /** A code said by each voice in turn, or a few seconds of a voice; null where none is kept. */
  sound(index: number): Promise<PointItem['sound']>;
}

/** @throws AtelierError of opening the voices */
export function openVoicePoints(model: string, cache: VoiceCache): Promise<VoicePoints> {
  return cache.use(model, async (open) => {
    const { codes, voices } = voiceMap(open);
    const { about } = open.model;
    const count = codes.positions.length / 3;
    const n = count + voices.names.length;
    const values = new Float32Array(n * 3);
    values.set(codes.positions);
    voices.names.forEach((_, v) => {
      for (let axis = 0; axis < 3; axis++) values[3 * (count + v) + axis] = VOICES_SIZE * voices.positions[3 * v + axis] + (axis === 1 ? VOICES_ABOVE : 0);
    });
    const total = codes.usage.reduce((sum, use) => sum + use, 0) || 1;
    const column = <T>(ofCode: (code: number) => T, ofVoice: (voice: number) => T): T[] => [...Array.from({ length: count }, (_, i) => ofCode(i)), ...voices.names.map((_, v) => ofVoice(v))];
    const columns: GivenColumn[] = [
      { name: 'name', values: column((i) => `Code ${i}`, (v) => voices.names[v]) },
      { name: 'kind', values: column((i) => (codes.usage[i] > 0 ? 'code' : 'dead code'), () => 'voice') },
      { name: 'use', values: Float32Array.from(column((i) => codes.usage[i] / total, () => 0)) },
    ];
    return {
      title: about.name,
      vectors: { names: ['1', '2', '3'], values, n, d: 3 },
      columns,
      async sound(index) {
        if (index >= count) {
          const name = voices.names[index - count];
          const clip = await voiceSample(model, name);
          return clip && { mime: clip.mime, name, bytes: clip.bytes };
        }
        return cache.use(model, async (now) => {
          const moments = Math.max(4, Math.round((CODE_SEC * FRAME_RATE_HZ) / 2));
          const said = new Int32Array(moments * now.model.converter.levels).fill(index);
          const parts: Float32Array[] = [];
          for (const voice of now.model.about.speakers.keys()) parts.push(await speakCodes(now, said, voice), new Float32Array(Math.round(PAUSE_SEC * SAMPLE_RATE_HZ)));
          const samples = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
          let at = 0;
          for (const part of parts) {
            samples.set(part, at);
            at += part.length;
          }
          return { mime: 'audio/wav', name: `Code ${index} as ${voices.names.join(', ')}`, bytes: encodeWav(samples, SAMPLE_RATE_HZ) };
        });
      },
    };
  });
}
