import type { ErrorValue } from '../../electron/contract/index.ts';
import { openMicrophone, type Microphone } from '../services/sound/microphone.ts';
import { encodeWav } from '../services/sound/wav.ts';
import { isErrorValue } from './notify.svelte.ts';
import { soundIn } from './voice-in.svelte.ts';
import { player } from './voice-player.svelte.ts';

/** Recordings end by themselves here; memory holds all of them. */
export const LONGEST_SEC = 600;

/** The microphone: off, asked for, listening (so that the level can be seen), recording. */
class VoiceRecorder {
  state = $state<'off' | 'asking' | 'listening' | 'recording' | 'keeping'>('off');
  error = $state.raw<ErrorValue | null>(null);
  /** Largest sample of the last moments, 0 to 1. */
  level = $state(0);
  seconds = $state(0);
  clipped = $state(false);
  device = $state('');

  #microphone: Microphone | null = null;
  #pieces: Float32Array[] = [];
  #samples = 0;
  #turn = 0;

  /** Asks for the microphone and listens. */
  async listen(): Promise<void> {
    if (this.state !== 'off') return;
    player.stop();
    const turn = ++this.#turn;
    this.error = null;
    this.state = 'asking';
    try {
      const microphone = await openMicrophone(
        (samples) => this.#take(samples),
        () => this.#lost(),
      );
      if (turn !== this.#turn) return microphone.close();
      this.#microphone = microphone;
      this.device = microphone.name;
      this.state = 'listening';
    } catch (error) {
      if (turn !== this.#turn) return;
      this.state = 'off';
      this.error = isErrorValue(error) ? error : { code: 'unavailable', message: 'The microphone could not be started.', remedy: 'Try again, or open a sound file.' };
    }
  }

  start(): void {
    if (this.state !== 'listening') return;
    this.#pieces = [];
    this.#samples = 0;
    this.seconds = 0;
    this.clipped = false;
    this.state = 'recording';
  }

  /** Ends the recording and puts it on the stage. @returns whether it is there */
  async keep(): Promise<boolean> {
    const microphone = this.#microphone;
    if (this.state !== 'recording' || !microphone) return false;
    this.state = 'keeping';
    const samples = new Float32Array(this.#samples);
    let at = 0;
    for (const piece of this.#pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    const { sampleRateHz } = microphone;
    this.close();
    const now = new Date();
    const two = (n: number): string => String(n).padStart(2, '0');
    const name = `Recording ${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.wav`;
    return soundIn.bytes(encodeWav(samples, sampleRateHz), name);
  }

  /** Lets the microphone go; what was recorded and not kept is lost. */
  close(): void {
    this.#turn++;
    this.#microphone?.close();
    this.#microphone = null;
    this.#pieces = [];
    this.#samples = 0;
    this.state = 'off';
    this.error = null;
    this.level = 0;
    this.seconds = 0;
  }

  #take(samples: Float32Array): void {
    let peak = 0;
    for (const value of samples) peak = Math.max(peak, Math.abs(value));
    this.level = Math.max(peak, this.level * 0.82);
    if (this.state !== 'recording' || !this.#microphone) return;
    if (peak >= 0.999) this.clipped = true;
    this.#pieces.push(samples);
    this.#samples += samples.length;
    this.seconds = this.#samples / this.#microphone.sampleRateHz;
    if (this.seconds >= LONGEST_SEC) void this.keep();
  }

  /** What was recorded before the microphone went away is kept. */
  #lost(): void {
    if (this.state === 'recording' && this.#samples > 0) return void this.keep();
    this.close();
    this.error = { code: 'not-found', message: 'The microphone went away.', remedy: 'Plug it in and try again.' };
  }
}

export const recorder = new VoiceRecorder();
