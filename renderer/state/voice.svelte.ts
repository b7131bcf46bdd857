import type { AudioClip, JobInfo, Take, TakeInfo, VoiceModelInfo, VoiceSource, VoiceSourceInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { isOpen, jobs } from './jobs.svelte.ts';
import { attempt, notifyError, notifyUndo } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { player } from './voice-player.svelte.ts';

/** More takes than these are not shown under one another. */
const MOST_OPEN = 4;

export const BUILTIN_VOICES = 'builtin:voices';

/** Of a path, without the mark and the ending that kept recordings have. */
export const fileName = (path: string): string => (path.split(/[\\/]/).pop() ?? path).replace(/(-[0-9a-f]{8})?\.\w{2,5}$/, '');

/** The Voice place: models, recordings, how a take is to be made, and the takes. */
class VoiceState {
  models = $state.raw<VoiceModelInfo[]>([]);
  loaded = $state(false);
  failed = $state(false);
  #model = $state(BUILTIN_VOICES);
  readonly model = $derived(this.models.find(({ ref }) => ref === this.#model) ?? this.models[0] ?? null);

  sources = $state.raw<VoiceSourceInfo[]>([]);
  source = $state.raw<VoiceSource | null>(null);
  opening = $state<string | null>(null);

  /** Name of the voice to convert to. */
  #target = $state<string | null>(null);
  readonly target = $derived(this.model?.voices.find(({ name }) => name === this.#target) ?? null);
  /** Instead of a voice of the model: a recording of another, whose voice is to be spoken with. */
  reference = $state<string | null>(null);
  pitchAutomatic = $state(true);
  pitchSemitones = $state(0);
  formantSemitones = $state(0);
  strength = $state(1);

  /** Whose voice a take would have, for people; null: nobody's. */
  readonly speaksAs = $derived(this.reference ? fileName(this.reference) : (this.target?.name ?? null));

  takes = $state.raw<TakeInfo[]>([]);
  /** Takes shown under the source, in the order they were opened. */
  opened = $state.raw<Take[]>([]);
  /** Sounds of the stage that X goes between: `source` or a take. */
  listening = $state('source');

  /** Conversions of this place that are under way, by job. */
  #asked = $state.raw<ReadonlyMap<string, string>>(new Map());
  readonly converting = $derived(jobs.list.filter((job) => this.#asked.has(job.id) && isOpen(job)));

  #samples = new Map<string, Promise<AudioClip | null>>();

  constructor() {
    project.onOpen(() => {
      this.close();
      this.models = [];
      this.loaded = false;
      this.#samples.clear();
      void this.load();
    });
    jobs.onChange((job) => void this.#ended(job));
  }

  async load(): Promise<void> {
    const found = await attempt(() => Promise.all([client.call('voices.list', {}), client.call('voices.sources', {})]));
    this.failed = !found;
    if (!found) return;
    [this.models, this.sources] = found;
    this.loaded = true;
    if (!this.target) this.#target = this.model?.voices[0]?.name ?? null;
  }

  chooseModel(ref: string): void {
    this.#model = ref;
    if (!this.target) this.#target = this.model?.voices[0]?.name ?? null;
  }

  chooseTarget(name: string): void {
    this.reference = null;
    this.#target = name;
  }

  /** A few seconds of a voice. */
  sample(model: string, voice: string): Promise<AudioClip | null> {
    const key = `${model} ${voice}`;
    const known = this.#samples.get(key);
    if (known) return known;
    const found = client.call('voices.sample', { model, voice }).catch((error: unknown) => {
      notifyError(error);
      this.#samples.delete(key);
      return null;
    });
    this.#samples.set(key, found);
    return found;
  }

  /** Puts a recording on the stage, with its takes. */
  async open(from: { path: string } | { bytes: Uint8Array<ArrayBuffer>; name: string }): Promise<boolean> {
    this.opening = 'name' in from ? from.name : (from.path.split(/[\\/]/).pop() ?? from.path);
    const found = await attempt(async () => {
      const source = await client.call('voices.open', from);
      return { source, takes: await client.call('voices.takes', { source: source.source }) };
    });
    this.opening = null;
    if (!found) return false;
    this.close();
    this.source = found.source;
    this.takes = found.takes;
    void this.#loadSources();
    if (found.takes[0]) void this.show(found.takes[0].take);
    return true;
  }

  /** Opens a sample of a voice as a recording, to try conversion with. */
  async openSample(voice: string): Promise<void> {
    const { model } = this;
    const clip = model && (await this.sample(model.ref, voice));
    if (!clip) return;
    const opened = await this.open({ bytes: clip.bytes as Uint8Array<ArrayBuffer>, name: `${voice}.wav` });
    if (opened && this.target?.name === voice) this.#target = model.voices.find(({ name }) => name !== voice)?.name ?? voice;
  }

  async #loadSources(): Promise<void> {
    this.sources = (await client.call('voices.sources', {}).catch(() => null)) ?? this.sources;
  }

  /** Clears the stage. */
  close(): void {
    player.stop();
    player.position = 0;
    player.setLoop(null);
    for (const key of ['source', ...this.opened.map(({ take }) => take)]) player.forget(key);
    this.source = null;
    this.takes = [];
    this.opened = [];
    this.listening = 'source';
  }

  /** How a take is to be made. */
  settings(): { voice?: string; reference?: string; pitchSemitones: number | null; formantSemitones: number; strength: number } {
    return { ...(this.reference ? { reference: this.reference } : { voice: this.target?.name }), pitchSemitones: this.pitchAutomatic ? null : this.pitchSemitones, formantSemitones: this.formantSemitones, strength: this.strength };
  }

  async convert(): Promise<void> {
    const { source, model } = this;
    if (!source || !model || (!this.target && !this.reference)) return;
    await attempt(async () => {
      const { job } = await client.call('voices.convert', {
        model: model.ref,
        source: source.source,
        ...this.settings(),
      });
      this.#asked = new Map(this.#asked).set(job, source.source);
      const known = jobs.list.find(({ id }) => id === job);
      if (known && !isOpen(known)) await this.#ended(known); // it was quicker than its own answer
    });
  }

  async #ended(job: JobInfo): Promise<void> {
    if (isOpen(job)) return;
    if (job.kind === 'train' && job.state === 'done') {
      this.models = (await client.call('voices.list', {}).catch(() => null)) ?? this.models;
      return;
    }
    const source = this.#asked.get(job.id);
    if (source === undefined) return;
    this.#asked = new Map([...this.#asked].filter(([id]) => id !== job.id));
    if (job.state !== 'done' || !job.result) return;
    void this.#loadSources();
    if (this.source?.source !== source) return;
    this.takes = (await client.call('voices.takes', { source }).catch(() => null)) ?? this.takes;
    await this.show(job.result);
  }

  /** Shows a take under the source. */
  async show(take: string): Promise<void> {
    const source = this.source?.source;
    const found = this.opened.find((other) => other.take === take) ?? (await attempt(() => client.call('voices.take', { take })));
    if (!found || this.source?.source !== source) return;
    this.opened = [found, ...this.opened.filter((other) => other.take !== take)].slice(0, MOST_OPEN);
    this.listening = take;
  }

  /** Takes a take off the stage; it stays in the list. */
  hide(take: string): void {
    player.forget(take);
    this.opened = this.opened.filter((other) => other.take !== take);
    if (this.listening === take) this.listening = this.opened[0]?.take ?? 'source';
  }

  async remove(take: TakeInfo): Promise<void> {
    await attempt(async () => {
      await client.call('voices.removeTake', { take: take.take });
      this.hide(take.take);
      this.takes = this.takes.filter((other) => other.take !== take.take);
      void this.#loadSources();
      notifyUndo(`The take as ${voiceOf(take)} was moved to the bin.`, async () => {
        await client.call('voices.restoreTake', { take: take.take });
        if (this.source?.source === take.source) this.takes = await client.call('voices.takes', { source: take.source });
      });
    });
  }

  readonly tracks = $derived<{ key: string; clip: AudioClip }[]>(this.source ? [{ key: 'source', clip: this.source.clip }, ...this.opened.map(({ take, clip }) => ({ key: take, clip }))] : []);
  /** Length of the stage, in seconds. */
  readonly durationSec = $derived(Math.max(0, ...this.tracks.map(({ clip }) => clip.durationSec)));

  /** The sound that Space plays. */
  current(): { key: string; clip: AudioClip } | undefined {
    return this.tracks.find(({ key }) => key === this.listening) ?? this.tracks[0];
  }

  toggle(key?: string): void {
    if (key !== undefined) this.listening = key;
    const track = this.current();
    if (track) player.toggle(track);
  }

  /** Source against the take that was heard last, else the newest one, at the same moment. */
  exchange(): void {
    const [, take] = this.tracks;
    if (!take) return;
    if (this.listening !== 'source') {
      this.#before = this.listening;
      this.listening = 'source';
    } else this.listening = this.opened.some((other) => other.take === this.#before) ? this.#before! : take.key;
    const track = this.current();
    if (track && player.playing) void player.play(track, player.position);
  }
  #before: string | null = null;
}

/** Whose voice a take speaks with, for people. */
export const voiceOf = ({ settings }: TakeInfo): string => settings.voice ?? (settings.reference ? fileName(settings.reference) : 'another voice');

export const voice = new VoiceState();
