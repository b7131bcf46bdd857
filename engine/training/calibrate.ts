import type { HostArray } from '../device/types.ts';
import type { Session } from './session.ts';

/**
 * Time of a step, measured on real steps whose effect is undone.
 * @returns seconds: the median of up to `most` steps after one that warms up
 */
export async function calibrate(session: Session, options: { most: number; seconds: number; steps: number }): Promise<{ secondsPerStep: number; measured: number; losses: number[] }> {
  const names = Object.keys(session.state.specs);
  const before: Record<string, HostArray> = Object.fromEntries(Object.entries(await session.state.read(names)).map(([name, values]) => [name, values.slice()]));
  const times: number[] = [];
  const losses: number[] = [];
  const began = performance.now();
  for (let i = 0; i <= options.most; i++) {
    const from = performance.now();
    losses.push((await session.step({ step: i, steps: options.steps })).loss);
    const now = performance.now();
    if (i > 0 || options.most === 0) times.push((now - from) / 1000);
    await new Promise((resolve) => setImmediate(resolve));
    if (times.length > 0 && (now - began) / 1000 > options.seconds) break;
  }
  await session.state.write(before);
  times.sort((a, b) => a - b);
  return { secondsPerStep: times[times.length >> 1], measured: times.length, losses };
}
