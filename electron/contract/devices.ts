import { z } from 'zod';
import { call } from './define.ts';

export const deviceId = z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow']);

export interface DeviceInfo {
  id: z.infer<typeof deviceId>;
  name: string;
  available: boolean;
  software: boolean;
  reason: string;
}

export interface Devices {
  devices: DeviceInfo[];
  default: z.infer<typeof deviceId>;
  why: string;
}

export interface EngineInfo {
  version: string;
  memoryBytes: number;
  uptimeSec: number;
  threads: number;
}

export const devices = {
  'engine.info': call<EngineInfo>()(z.object({})),
  'devices.list': call<Devices>()(z.object({ refresh: z.boolean().default(false) })),
};
