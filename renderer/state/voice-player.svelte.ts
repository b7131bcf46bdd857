import type { AudioClip } from '../../electron/contract/index.ts';
import { notifyError } from './notify.svelte.ts';

/** Something that can be heard, and a name to know it by. */
export interface Heard {
  key: string;
  clip: AudioClip;
}

const FADE_SEC = 0.01;
const MOST_BUFFERS = 16;

/** One sound at a time. Tracks share a position and a loop, so that one can be exchanged for another while it plays; samples stand alone. */
class VoicePlayer {
  /** What is heard now. */
  key = $state<string | null>(null);
  /** Whether it is one of the tracks that share the position. */
  onTrack = $state(false);
  /** Of the tracks, in seconds. */
  position = $state(0);
  /** Chosen stretch of the tracks, in seconds. */
  loop = $state.raw<{ from: number; to: number } | null>(null);
  /** Largest sample of the last moments, 0 to 1. */
  level = $state(0);
  readonly playing = $derived(this.key !== null && this.onTrack);

  #context: AudioContext | null = null;
  #meter: AnalyserNode | null = null;
  #moments: Float32Array<ArrayBuffer> | null = null;
  #buffers = new Map<string, Promise<AudioBuffer>>();
  #now: { node: AudioBufferSourceNode; gain: GainNode; startedAt: number; offset: number; track: Heard | null } | null = null;
  #turn = 0;

  #ready(): AudioContext {
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#meter = this.#context.createAnalyser();
      this.#meter.fftSize = 1024;
      this.#moments = new Float32Array(1024);
      this.#meter.connect(this.#context.destination);
    }
    void this.#context.resume();
    return this.#context;
  }

  #buffer({ key, clip }: Heard): Promise<AudioBuffer> {
    const known = this.#buffers.get(key);
    if (known) return known;
    const made = this.#ready().decodeAudioData(clip.bytes.slice().buffer as ArrayBuffer);
    this.#buffers.set(key, made);
    made.catch(() => this.#buffers.delete(key));
    if (this.#buffers.size > MOST_BUFFERS) this.#buffers.delete(this.#buffers.keys().next().value!);
    return made;
  }

  /** Plays a track from where the position is, or from another. */
  async play(track: Heard, atSec = this.position): Promise<void> {
    const { loop } = this;
    let from = atSec >= track.clip.durationSec - 0.02 ? 0 : Math.max(0, atSec);
    if (loop && (from < loop.from || from >= loop.to - 0.005)) from = loop.from;
    await this.#start(track, from, track);
  }

  /** Plays a sample; the position of the tracks stays. */
  async hear(sample: Heard): Promise<void> {
    if (this.key === sample.key) return this.stop();
    await this.#start(sample, 0, null);
  }

  /** Samples one after another, with a pause between; `at` is told which one is on. */
  async hearAll(samples: readonly Heard[], at: (index: number | null) => void): Promise<void> {
    for (const [i, sample] of samples.entries()) {
      at(i);
      const turn = await this.#start(sample, 0, null);
      await new Promise((resolve) => setTimeout(resolve, (sample.clip.durationSec + 0.15) * 1000));
      if (turn !== this.#turn) break; // it was stopped, or something else was chosen
    }
    at(null);
  }

  async #start(heard: Heard, from: number, track: Heard | null): Promise<number> {
    const turn = ++this.#turn;
    try {
      for (const other of document.querySelectorAll('audio')) other.pause();
      const context = this.#ready();
      const buffer = await this.#buffer(heard);
      if (turn !== this.#turn) return turn;
      this.#silence();
      const node = context.createBufferSource();
      const gain = context.createGain();
      node.buffer = buffer;
      node.connect(gain).connect(this.#meter!);
      gain.gain.setValueAtTime(0, context.currentTime);
      gain.gain.linearRampToValueAtTime(1, context.currentTime + FADE_SEC);
      this.#now = { node, gain, startedAt: context.currentTime, offset: from, track };
      if (track) {
        this.position = from;
        this.#setLoop();
      }
      node.onended = () => {
        if (this.#now?.node !== node) return;
        this.#now = null;
        this.key = null;
        this.level = 0;
        if (track) this.position = 0;
      };
      node.start(0, from);
      this.key = heard.key;
      this.onTrack = track !== null;
      requestAnimationFrame(this.#follow);
    } catch (error) {
      if (turn === this.#turn) this.key = null;
      notifyError({ code: 'bad-data', message: 'This sound cannot be played.', remedy: error instanceof Error ? error.message : 'Open it again.' });
    }
    return turn;
  }

  /** Fades out what is heard. */
  #silence(): void {
    const now = this.#now;
    if (!now || !this.#context) return;
    const { currentTime } = this.#context;
    now.gain.gain.cancelScheduledValues(currentTime);
    now.gain.gain.setValueAtTime(now.gain.gain.value, currentTime);
    now.gain.gain.linearRampToValueAtTime(0, currentTime + FADE_SEC);
    now.node.onended = null;
    now.node.stop(currentTime + FADE_SEC);
    this.#now = null;
  }

  stop(): void {
    this.#turn++;
    if (this.#now?.track) this.position = this.#where();
    this.#silence();
    this.key = null;
    this.level = 0;
  }

  /** Goes to another place; what plays goes on from there. */
  seek(sec: number): void {
    const track = this.#now?.track;
    this.position = Math.max(0, sec);
    if (track) void this.play(track, this.position);
  }

  /** Plays or stops a track; another one than plays takes its place at the same moment. */
  toggle(track: Heard): void {
    if (this.playing && this.key === track.key) this.stop();
    else void this.play(track, this.playing ? this.#where() : this.position);
  }

  setLoop(loop: { from: number; to: number } | null): void {
    this.loop = loop && loop.to - loop.from >= 0.03 ? loop : null;
    const track = this.#now?.track;
    if (!track) return;
    const at = this.#where();
    // A new loop begins at once; a freed sound goes on from where it is.
    void this.play(track, at);
  }

  #setLoop(): void {
    const { node } = this.#now!;
    node.loop = this.loop !== null;
    if (this.loop) [node.loopStart, node.loopEnd] = [this.loop.from, this.loop.to];
  }

  #where(): number {
    const now = this.#now;
    if (!now || !this.#context) return this.position;
    const at = now.offset + Math.max(0, this.#context.currentTime - now.startedAt);
    const { loop } = this;
    if (!now.track || !loop || at < loop.to) return Math.min(at, now.node.buffer?.duration ?? at);
    return loop.from + ((at - loop.from) % (loop.to - loop.from));
  }

  #follow = (): void => {
    if (!this.#now) return;
    if (this.#now.track) this.position = this.#where();
    const moments = this.#moments!;
    this.#meter!.getFloatTimeDomainData(moments);
    let peak = 0;
    for (const value of moments) peak = Math.max(peak, Math.abs(value));
    this.level = Math.max(peak, this.level * 0.9);
    requestAnimationFrame(this.#follow);
  };

  /** Lets go of sounds that are shown no more. */
  forget(key: string): void {
    if (this.key === key) this.stop();
    this.#buffers.delete(key);
  }
}

export const player = new VoicePlayer();
