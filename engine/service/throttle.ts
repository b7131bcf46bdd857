export interface Throttled {
  (): void;
  /** Runs what is due now. */
  flush(): void;
  stop(): void;
}

/** Runs `work` at once, then at most once every `ms` while it is asked for; the last request is never lost. */
export function throttle(work: () => void, ms: number): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let due = false;
  let last = -Infinity;
  const run = (): void => {
    clearTimeout(timer);
    timer = undefined;
    due = false;
    last = performance.now();
    work();
  };
  const ask = (): void => {
    const wait = last + ms - performance.now();
    if (wait <= 0) return run();
    due = true;
    timer ??= setTimeout(run, wait);
  };
  return Object.assign(ask, {
    flush: () => {
      if (due) run();
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      due = false;
    },
  });
}
