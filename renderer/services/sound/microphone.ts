import type { ErrorValue } from '../../../electron/contract/index.ts';
import { shell } from '../shell.ts';
import recorderAddress from './recorder-worklet.ts?worker&url';

/** A microphone that listens. */
export interface Microphone {
  readonly sampleRateHz: number;
  /** What the system calls it. */
  readonly name: string;
  close(): void;
}

const refused: ErrorValue = {
  code: 'no-permission',
  message: 'The microphone was refused.',
  remedy: 'Allow it for Latent Atelier in the privacy settings of your system, then try again. Sound files can be opened without it.',
};

/** What went wrong in asking for a microphone, for people. */
export function microphoneError(error: unknown): ErrorValue {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return refused;
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return { code: 'not-found', message: 'No microphone was found.', remedy: 'Plug one in and try again, or open a sound file.' };
  if (name === 'NotReadableError' || name === 'AbortError') return { code: 'busy', message: 'The microphone cannot be used just now.', remedy: 'Close other programs that record, then try again.' };
  return { code: 'unavailable', message: 'The microphone could not be started.', remedy: error instanceof Error && error.message ? error.message : 'Try again, or open a sound file.' };
}

/**
 * Asks for the microphone, as it is: without echo cancelling, noise suppression and automatic level, which bend voices.
 * @param take each piece of samples, mono, in [-1, 1]
 * @param ended the microphone went away
 * @throws ErrorValue-shaped 'no-permission' | 'not-found' | 'busy' | 'unavailable'
 */
export async function openMicrophone(take: (samples: Float32Array) => void, ended: () => void): Promise<Microphone> {
  let stream: MediaStream | null = null;
  let context: AudioContext | null = null;
  const close = (): void => {
    stream?.getTracks().forEach((track) => track.stop());
    void context?.close().catch(() => {});
    void shell?.wantMicrophone(false);
  };
  try {
    if (!('mediaDevices' in navigator)) throw new DOMException('This page is not served securely.', 'NotFoundError');
    await shell?.wantMicrophone(true);
    stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    context = new AudioContext();
    await context.audioWorklet.addModule(recorderAddress);
    const node = new AudioWorkletNode(context, 'atelier-recorder', { numberOfInputs: 1, numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => take(data);
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
    const [track] = stream.getAudioTracks();
    track.onended = ended;
    return { sampleRateHz: context.sampleRate, name: track.label, close };
  } catch (error) {
    close();
    throw microphoneError(error);
  }
}
