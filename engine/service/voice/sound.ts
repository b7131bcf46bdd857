import { openSound } from '../../audio/decode.ts';
import { monoAt } from '../../audio/mono.ts';

/** A file's sound as one channel at `SAMPLE_RATE_HZ`, in pieces; the file is closed at the end, or when nobody listens any more. */
export async function* soundOf(path: string, warnings?: string[]): AsyncGenerator<Float32Array> {
  const sound = await openSound(path);
  try {
    yield* monoAt(sound);
  } finally {
    warnings?.push(...sound.warnings);
    await sound.close();
  }
}
