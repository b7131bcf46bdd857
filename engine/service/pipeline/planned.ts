import type { StageKind } from '../../../electron/contract/index.ts';
import { CODEC_SHARE, PRIOR_SHARE } from './choose.ts';

const OTHER_SHARE = (1 - CODEC_SHARE - PRIOR_SHARE) / 3;

/** Seconds that each stage is planned to take: parts of the minutes; with steps, what was measured of the codec; null where unknown. */
export function plannedSeconds({ minutes, codecSeconds }: { minutes: number | null; codecSeconds: number | null }): Record<StageKind, number | null> {
  const part = (share: number): number | null => (minutes === null ? null : minutes * 60 * share);
  return { codec: part(CODEC_SHARE) ?? codecSeconds, codes: part(OTHER_SHARE), prior: part(PRIOR_SHARE), samples: part(OTHER_SHARE), evaluation: part(OTHER_SHARE) };
}

/** Parts of the whole, for a bar of progress. */
export const shares: Record<StageKind, number> = { codec: CODEC_SHARE, codes: OTHER_SHARE, prior: PRIOR_SHARE, samples: OTHER_SHARE, evaluation: OTHER_SHARE };
