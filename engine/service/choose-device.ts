import { AtelierError } from '../core/errors.ts';
import type { DeviceId } from '../device/types.ts';

/**
 * The device to train on: the one asked for, if it is there, else the default choice.
 * @throws AtelierError 'bad-input' on an unknown name, 'unavailable' with the reason when it is not there
 */
export async function chooseDevice(asked?: string): Promise<DeviceId> {
  if (asked === 'cpu') return asked; // always there; probing the others takes seconds
  const { listDevices } = await import('../device/index.ts');
  const found = await listDevices();
  if (asked === undefined) return found.default.id;
  const report = found.devices.find((device) => device.id === asked);
  if (!report) throw new AtelierError('bad-input', `There is no kind of device called "${asked}".`, `Choose one of ${found.devices.map((device) => device.id).join(', ')}.`);
  if (!report.available) throw new AtelierError('unavailable', `The device "${asked}" is not available: ${report.reason}`, `Leave the choice to the application; it would take "${found.default.id}".`);
  return report.id;
}
