/** Where one stands in the frames of a training. Plain values: every act makes a new one. */
export interface Timeline {
  /** Steps that have a frame, ascending. */
  readonly steps: readonly number[];
  /** Which of them is shown; -1 while there is none. */
  readonly index: number;
  /** Goes to every new frame as it comes. */
  readonly follow: boolean;
}

export const openedTimeline = (steps: readonly number[]): Timeline => ({ steps: [...steps], index: steps.length - 1, follow: true });

/** The step shown, or null. */
export const currentStep = (timeline: Timeline): number | null => timeline.steps[timeline.index] ?? null;

export const atLatest = (timeline: Timeline): boolean => timeline.index === timeline.steps.length - 1;

/**
 * A frame has come. Steps may come twice, or out of order when a run went back to a checkpoint: later steps than a repeated
 * one are still on disk until they are overtaken, so they are kept.
 */
export function arrived(timeline: Timeline, step: number): Timeline {
  const shown = currentStep(timeline);
  const steps = timeline.steps.includes(step) ? timeline.steps : [...timeline.steps, step].sort((a, b) => a - b);
  if (timeline.follow || shown === null) return { ...timeline, steps, index: steps.indexOf(step) };
  return { ...timeline, steps, index: steps.indexOf(shown) };
}

/** Goes to a frame; following goes on only at the last one. */
export function scrubbed(timeline: Timeline, index: number): Timeline {
  const last = timeline.steps.length - 1;
  const to = Math.max(Math.min(0, last), Math.min(last, Math.round(index)));
  return { ...timeline, index: to, follow: to === last && last >= 0 };
}

export const stepped = (timeline: Timeline, by: number): Timeline => scrubbed(timeline, timeline.index + by);

/** Turns following on (and jumps to the newest frame) or off. */
export const following = (timeline: Timeline, on: boolean): Timeline =>
  on ? { ...timeline, index: timeline.steps.length - 1, follow: true } : { ...timeline, follow: false };

/** One tick of playing: the next frame, or null when the end is reached. */
export const played = (timeline: Timeline): Timeline | null => (atLatest(timeline) ? null : stepped(timeline, 1));
