import { fuzzyWeights, type FuzzyWeightsArgs } from './fuzzy-weights.ts';
import { perplexityWeights, type PerplexityWeightsArgs } from './perplexity-weights.ts';
import { rankPenalties, type RankPenaltiesArgs } from './rank-penalties.ts';
import { tsneForces, type TsneForcesArgs } from './tsne-forces.ts';
import { umapEpoch, type UmapEpochArgs } from './umap-epoch.ts';

/** What threads of a crew can do, each with its arguments. */
export interface KernelArgs {
  fuzzyWeights: FuzzyWeightsArgs;
  perplexityWeights: PerplexityWeightsArgs;
  rankPenalties: RankPenaltiesArgs;
  tsneForces: TsneForcesArgs;
  umapEpoch: UmapEpochArgs;
}
export type KernelName = keyof KernelArgs;

export const kernels: { [K in KernelName]: (args: KernelArgs[K]) => void } = { fuzzyWeights, perplexityWeights, rankPenalties, tsneForces, umapEpoch };
