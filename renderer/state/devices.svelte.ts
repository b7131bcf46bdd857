import type { Devices } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { attempt } from './notify.svelte.ts';

class DeviceState {
  info = $state.raw<Devices | null>(null);
  /** What the user chose for new jobs; null: the engine's choice. */
  choice = $state<string | null>(null);
  current = $derived(this.info?.devices.find((device) => device.id === (this.choice ?? this.info?.default)) ?? null);
  probing = $state(false);

  async load(refresh = false): Promise<void> {
    this.probing = true;
    await attempt(async () => (this.info = await client.call('devices.list', { refresh })));
    this.probing = false;
  }
}

export const devices = new DeviceState();
