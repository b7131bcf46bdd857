import { AtelierError } from '../core/errors.ts';
import type { Family } from './define.ts';
import { cvae } from './cvae.ts';
import { discreteVae } from './discrete-vae.ts';
import { styleVqVae } from './style-vq-vae.ts';
import { vae } from './vae.ts';
import { videoVqVae } from './video-vq-vae.ts';
import { vqVae } from './vq-vae.ts';
import { vqVae2 } from './vq-vae-2.ts';

/** Every model family; a new one is its own file and a line here. */
export const families: readonly Family<never>[] = [vae, cvae, discreteVae, vqVae, vqVae2, styleVqVae, videoVqVae] as unknown as readonly Family<never>[];

/** @throws AtelierError 'not-found' naming the families there are */
export function familyOf(kind: string): Family {
  const family = families.find((f) => f.kind === kind);
  if (!family) {
    throw new AtelierError('not-found', `There is no model family '${kind}'.`, `Families: ${families.map((f) => f.kind).join(', ')}.`);
  }
  return family as unknown as Family;
}
