import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Measures how late the machine lets a process run that has hardly anything to do: what a limit in wall-clock time has to allow
 * for on a machine that does other things as well.
 * @returns a function that ends the measuring and gives the worst delay in milliseconds
 */
export function watchNoise(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: 5 });
  histogram.enable();
  return () => {
    histogram.disable();
    return histogram.max / 1e6;
  };
}
