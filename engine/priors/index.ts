import { AtelierError } from '../core/errors.ts';
import type { PriorFamily } from './define.ts';
import { pixelCnn } from './pixelcnn.ts';

export type { CodeGrid, CodePrior, ListedGrid, PriorFamily, PriorModel } from './define.ts';

/** Every kind of prior over codes; a new one is its own file and a name here. */
export const priors: readonly PriorFamily[] = [pixelCnn] as unknown as readonly PriorFamily[];

/** @throws AtelierError 'not-found' naming the kinds there are */
export function priorOf(kind: string): PriorFamily {
  const found = priors.find((p) => p.kind === kind);
  if (!found) throw new AtelierError('not-found', `There is no kind of prior '${kind}'.`, `Kinds: ${priors.map((p) => p.kind).join(', ')}.`);
  return found;
}
