export { meanSquaredError, psnrDb, ssim } from './image-quality.ts';
export { activeUnits, codeUsage, columnMeans, fractionUsed, perplexity } from './latents.ts';
export { bitsPerDim, importanceWeightedBound, logMeanExp, runningBound } from './likelihood.ts';
export { normalQuantile } from './normal-quantile.ts';
export { auroc, thresholdAt } from './detection.ts';
export { dci, factorVaeScore } from './disentanglement.ts';
export { frechetDistance } from './frechet.ts';
export { manifoldScores } from './manifold-scores.ts';
export { mutualInformationGap } from './mutual-information.ts';
