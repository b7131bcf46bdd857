import type { AudioClip, Take } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { attempt } from './notify.svelte.ts';
import { player } from './voice-player.svelte.ts';

const MOST_KEPT = 200;
const MOST_SPOKEN = 4096;

/** A chosen stretch of a take's codes, and what it sounds like in each voice. */
class VoiceCodes {
  take = $state.raw<Take | null>(null);
  anchor = $state(0);
  cursor = $state(0);
  readonly from = $derived(Math.min(this.anchor, this.cursor));
  /** Behind the last moment. */
  readonly to = $derived(Math.max(this.anchor, this.cursor) + 1);
  readonly moments = $derived(this.to - this.from);
  /** Codes of the stretch, moment by moment. */
  readonly codes = $derived(this.take ? [...this.take.codes.values.subarray(this.from * this.take.codes.levels, this.to * this.take.codes.levels)] : []);
  /** Voice that is heard now, of those that are played in turn. */
  speaking = $state<string | null>(null);
  waiting = $state(false);
  #kept = new Map<string, Promise<AudioClip[]>>();

  choose(take: Take, moment: number, extend = false): void {
    const last = take.codes.values.length / take.codes.levels - 1;
    const at = Math.max(0, Math.min(last, moment));
    if (!extend || this.take?.take !== take.take) this.anchor = at;
    this.cursor = at;
    this.take = take;
  }

  clear(): void {
    this.take = null;
  }

  /** The stretch, or one code held for a while, in every voice; one after another, or in one of them. */
  async hear(voices: readonly string[], only?: string): Promise<void> {
    const { take, codes } = this;
    if (!take || codes.length === 0) return;
    const model = take.model;
    const single = this.moments === 1 && take.codes.levels === 1;
    const spoken = codes.slice(0, MOST_SPOKEN - (MOST_SPOKEN % take.codes.levels));
    const wanted = only ? [only] : voices;
    const keyOf = (name: string): string => `code ${model} ${spoken.join(',')} ${name}`;
    this.waiting = true;
    const clips = await attempt(() =>
      single
        ? this.#keep(`${model} ${spoken[0]}`, () => client.call('voices.hearCode', { model, code: spoken[0] })).then((all) => wanted.map((name) => all[voices.indexOf(name)]))
        : Promise.all(wanted.map((name) => this.#keep(keyOf(name), async () => [await client.call('voices.speakCodes', { model, codes: spoken, voice: name })]).then(([clip]) => clip))),
    );
    this.waiting = false;
    if (!clips) return;
    const samples = clips.map((clip, i) => ({ key: keyOf(wanted[i]), clip }));
    await player.hearAll(samples, (index) => (this.speaking = index === null ? null : wanted[index]));
  }

  #keep(key: string, make: () => Promise<AudioClip[]>): Promise<AudioClip[]> {
    const known = this.#kept.get(key);
    if (known) return known;
    const made = make();
    made.catch(() => this.#kept.delete(key));
    this.#kept.set(key, made);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return made;
  }
}

export const codes = new VoiceCodes();
