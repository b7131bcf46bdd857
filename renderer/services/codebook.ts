/** exp of the entropy of code usage: how many codes are really in use. @param usage sums to 1, [K] */
export function perplexity(usage: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < usage.length; i++) if (usage[i] > 0) entropy -= usage[i] * Math.log(usage[i]);
  return Math.exp(entropy);
}

/** How many codes no picture uses. @param usage [K] */
export function deadCodes(usage: ArrayLike<number>): number {
  let dead = 0;
  for (let i = 0; i < usage.length; i++) if (usage[i] <= 0) dead++;
  return dead;
}

/** Latent dimensions that carry at least a hundredth of a nat. @param kl in nats, [D] */
export function activeDimensions(kl: ArrayLike<number>): number {
  let active = 0;
  for (let i = 0; i < kl.length; i++) if (kl[i] > 0.01) active++;
  return active;
}
