import type { DeviceChoice, DeviceId, DeviceReport } from './types.ts';

/** In the order of preference; what is emulated on the CPU, and eager TensorFlow, are taken only when asked for. */
const PREFERRED: readonly DeviceId[] = ['cuda', 'webgpu', 'dml', 'coreml'];

/** The device to use when none was named: a hardware GPU first, then the CPU. */
export function chooseDefault(reports: readonly DeviceReport[]): DeviceChoice {
  for (const id of PREFERRED) {
    const report = reports.find((r) => r.id === id);
    if (report?.available && !report.software) return { id, why: `${report.name} is a hardware GPU and passed its test.` };
  }
  const emulated = reports.find((r) => r.available && r.software);
  const why = emulated ? `No hardware GPU was found; ${emulated.name} is emulated on the CPU and would be slower than the CPU itself.` : 'No GPU was found.';
  return { id: 'cpu', why };
}
