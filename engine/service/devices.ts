import { availableParallelism } from 'node:os';
import type { Handlers } from '../../electron/contract/index.ts';
import { version } from './version.ts';

export function deviceHandlers(): Pick<Handlers, 'engine.info' | 'devices.list'> {
  return {
    'engine.info': async () => ({ version, memoryBytes: process.memoryUsage().rss, uptimeSec: process.uptime(), threads: availableParallelism() }),
    async 'devices.list'({ refresh }) {
      const { listDevices } = await import('../device/index.ts');
      const { devices, default: chosen } = await listDevices({ refresh });
      return { devices, default: chosen.id, why: chosen.why };
    },
  };
}
