/**
 * Area under the ROC curve: how often an anomaly scores above a normal item, ties counting half. NaN when either kind is missing.
 * @param scores `[N]`, higher is stranger @param anomalous `[N]`
 */
export function auroc(scores: ArrayLike<number>, anomalous: ArrayLike<boolean | number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    const rank = (from + 1 + to) / 2; // mean rank of a tie
    for (; from < to; from++) {
      if (!anomalous[order[from]]) continue;
      rankSum += rank;
      positives++;
    }
  }
  const negatives = scores.length - positives;
  return positives === 0 || negatives === 0 ? NaN : (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * The least threshold above which at most the wanted part of normal items score.
 * @param normal scores of items known to be normal, at least one @param falsePositives in [0, 1)
 */
export function thresholdAt(normal: ArrayLike<number>, falsePositives: number): number {
  const sorted = Float64Array.from(normal).sort();
  const allowed = Math.floor(falsePositives * sorted.length + 1e-9);
  return sorted[Math.max(0, sorted.length - 1 - allowed)];
}
