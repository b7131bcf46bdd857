/**
 * How long to wait before starting the engine again, in milliseconds: nothing after a single death, doubling from a second to
 * half a minute when it dies again and again within a minute.
 * @param deaths times of death in milliseconds, the newest last
 */
export function revivalDelayMs(deaths: readonly number[], now: number): number {
  const recent = deaths.filter((time) => now - time < 60_000).length;
  return recent <= 1 ? 0 : Math.min(1000 * 2 ** (recent - 2), 30_000);
}

/**
 * Whether the new engine goes on by itself with what the dead one trained. Not when it has died twice within five minutes: then
 * the training may be the cause, and a person decides.
 */
export function mayRecover(deaths: readonly number[], now: number): boolean {
  return deaths.filter((time) => now - time < 300_000).length <= 1;
}
