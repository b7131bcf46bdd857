/** Where in a recording somebody speaks, by the level of 10 ms frames. */

export interface Span {
  /** Samples [from, to). */
  from: number;
  to: number;
}

export interface Levels {
  /** Of the quiet parts and of the loud ones, dB of full scale. */
  floorDb: number;
  speechDb: number;
  spans: Span[];
}

const FRAME_SEC = 0.01;
/** Pauses up to this belong to the sentence. */
const PAUSE_SEC = 0.4;
/** Left on both sides of speech. */
const MARGIN_SEC = 0.1;
/** Stretches are cut at their quietest place until none is longer. */
export const LONGEST_SEC = 12;
const SHORTEST_CUT_SEC = 3;
/** Nothing under this is ever speech. */
const SILENT_DB = -65;

/** @returns spans in order, none overlapping; empty when all is silent */
export function findSpeech(samples: Float32Array, sampleRateHz: number): Levels {
  const hop = Math.round(FRAME_SEC * sampleRateHz);
  const frames = Math.ceil(samples.length / hop);
  const levels = Float32Array.from({ length: frames }, (_, t) => {
    let sum = 0;
    const to = Math.min(samples.length, (t + 1) * hop);
    for (let i = t * hop; i < to; i++) sum += samples[i] * samples[i];
    return 10 * Math.log10(sum / (to - t * hop) + 1e-12);
  });
  const sorted = levels.slice().sort();
  const floorDb = sorted[Math.floor(0.1 * (frames - 1))] ?? -120;
  const speechDb = sorted[Math.floor(0.95 * (frames - 1))] ?? -120;
  if (frames === 0 || sorted[frames - 1] < SILENT_DB) return { floorDb, speechDb, spans: [] };
  // 8 dB above the quiet parts, but never within 15 dB of the loud ones: a recording without pauses has no quiet parts.
  const threshold = Math.max(SILENT_DB, Math.min(Math.max(floorDb + 8, speechDb - 45), speechDb - 15));
  const runs: Span[] = [];
  for (let t = 0; t < frames; t++) {
    if (levels[t] <= threshold) continue;
    const last = runs.at(-1);
    if (last && t - last.to <= PAUSE_SEC / FRAME_SEC) last.to = t + 1;
    else runs.push({ from: t, to: t + 1 });
  }
  const margin = Math.round(MARGIN_SEC / FRAME_SEC);
  const spans = runs
    .flatMap((run) => cut(run, levels))
    .map(({ from, to }, i, all) => ({
      from: Math.max(i > 0 ? Math.min(from, Math.ceil((all[i - 1].to + from) / 2)) : 0, from - margin),
      to: Math.min(i < all.length - 1 ? Math.max(to, Math.ceil((to + all[i + 1].from) / 2)) : frames, to + margin),
    }))
    .map(({ from, to }) => ({ from: from * hop, to: Math.min(samples.length, to * hop) }));
  return { floorDb, speechDb, spans };
}

function cut(span: Span, levels: Float32Array): Span[] {
  if ((span.to - span.from) * FRAME_SEC <= LONGEST_SEC) return [span];
  const least = SHORTEST_CUT_SEC / FRAME_SEC;
  const most = LONGEST_SEC / FRAME_SEC;
  let at = span.from + least;
  let lowest = Infinity;
  for (let t = span.from + least; t < Math.min(span.from + most, span.to - least); t++) {
    // The quietest 50 ms.
    const level = levels[t - 2] + levels[t - 1] + levels[t] + levels[t + 1] + levels[t + 2];
    if (level <= lowest) {
      lowest = level;
      at = t;
    }
  }
  return [{ from: span.from, to: at }, ...cut({ from: at, to: span.to }, levels)];
}
