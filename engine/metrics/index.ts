export { meanSquaredError, psnrDb, ssim } from './image-quality.ts';
export { activeUnits, codeUsage, columnMeans, fractionUsed, perplexity } from './latents.ts';
export { bitsPerDim, importanceWeightedBound, logMeanExp } from './likelihood.ts';
export { normalQuantile } from './normal-quantile.ts';
