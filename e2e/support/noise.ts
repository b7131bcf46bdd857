import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** A moment of the machine. */
export interface Moment {
  /** Since the epoch, in ms. */
  at: number;
  /** Time that a fixed piece of work took, in ms. */
  workMs: number;
  /** Share of all processors that programs other than the application and its test used since the moment before; 0 where it is not known. */
  others: number;
}

/** Beside this share of other programs' work the machine counts as the application's own. */
const quietShare = 0.1;
const betweenMs = 500;

/** A thread that does nothing but the same sum again and again, as one of a window's would: how long it takes tells what others leave of a processor. */
const control = `
  const { parentPort } = require('node:worker_threads');
  let kept = 0;
  const look = () => {
    const start = performance.now();
    for (let i = 0; i < 12e6; i++) kept = (kept + Math.sqrt(i)) % 1000;
    parentPort.postMessage({ at: Date.now(), workMs: performance.now() - start });
  };
  look();
  setInterval(look, ${betweenMs});
`;

/**
 * How much longer a task may take that began and ended at these times than on a machine of its own: 1 unless other programs were
 * at work around then; never more than the control was slowed down itself. What the application's own processes take is its fault.
 * @param moments in the order of time
 */
export function allowance(moments: readonly Moment[], from: number, to: number): number {
  const quickest = Math.min(...moments.map((moment) => moment.workMs));
  const around = moments.filter(({ at }) => at >= from - 3 * betweenMs && at <= to + 3 * betweenMs);
  if (!around.some(({ others }) => others > quietShare)) return 1;
  return Math.max(1, ...around.map(({ workMs }) => workMs / quickest));
}

/**
 * Watches what else the machine does, for limits in wall-clock time. Only Linux says what other programs use; elsewhere the
 * machine is taken to be quiet.
 * @param pid of the application; its children count as the application too
 * @returns a function that ends the watching
 */
export function watchNoise(pid: number): () => Promise<Moment[]> {
  const moments: Moment[] = [];
  const worker = new Worker(control, { eval: true });
  let before = usage(pid);
  worker.on('message', ({ at, workMs }: { at: number; workMs: number }) => {
    const now = usage(pid);
    const all = now.all - before.all;
    moments.push({ at, workMs, others: all > 0 ? Math.max(0, now.busy - before.busy - (now.own - before.own)) / all : 0 });
    before = now;
  });
  return async () => {
    await worker.terminate();
    return moments;
  };
}

/** Processor time so far, in ticks: of the whole machine, of what was not idle, and of the application with its test. */
function usage(pid: number): { all: number; busy: number; own: number } {
  try {
    const cpu = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1, 9).map(Number);
    const all = cpu.reduce((sum, ticks) => sum + ticks, 0);
    return { all, busy: all - cpu[3] - cpu[4], own: ticksOf([pid, process.pid]) };
  } catch {
    return { all: 0, busy: 0, own: 0 };
  }
}

/** Processor time of processes and of all that come from them. */
function ticksOf(roots: readonly number[]): number {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // After the name in brackets: state, parent, ..., and in columns 14 and 15 of the line the time in programs and in the kernel.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      processes.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It has just ended.
    }
  }
  const mine = (id: number): boolean => roots.includes(id) || (processes.has(id) && processes.get(id)!.parent > 1 && mine(processes.get(id)!.parent));
  return [...processes].reduce((sum, [id, { ticks }]) => sum + (mine(id) ? ticks : 0), 0);
}
