import type { Logger } from '../../core/log.ts';
import type { Device } from '../../device/types.ts';
import { openRun, type RunFolder } from '../../store/run-folder.ts';
import type { Trained } from '../../training/types.ts';

/** Opens a run's checkpoint for a task on the device it was trained on (or the CPU where that is gone) and lets it go after. */
export async function withTrained<T>(run: string, step: number | undefined, log: Logger, work: (opened: { folder: RunFolder; trained: Trained; device: Device }) => Promise<T>): Promise<T> {
  const [{ openDevice }, { openTrained }] = await Promise.all([import('../../device/index.ts'), import('../../training/index.ts')]);
  const folder = await openRun(run, { log });
  const device = await openDevice(folder.info.device as Device['report']['id']).catch((error: unknown) => {
    log.warn(`${error instanceof Error ? error.message : String(error)} The CPU is used instead.`);
    return openDevice('cpu');
  });
  try {
    const trained = await openTrained(folder, device, step);
    try {
      return await work({ folder, trained, device });
    } finally {
      trained.dispose();
    }
  } finally {
    device.dispose();
  }
}
