import type { Command } from 'commander';
import { common, type Context } from '../context.ts';
import { table } from '../table.ts';

export function addDevices(program: Command, context: Context): void {
  common(program.command('devices'))
    .description('what this machine can train on, and why another device is not offered')
    .option('--refresh', 'probe again instead of using what was found before')
    .action(async (options) => {
      context.use(options);
      const found = await context.call('devices.list', { refresh: options.refresh === true });
      const rows = found.devices.map((d) => [d.id === found.default ? '*' : '', d.id, d.available ? 'yes' : 'no', d.name, d.reason]);
      context.result(found, `${table(['', 'device', 'there', 'name', 'why'], rows)}\n\nDefault: ${found.default}. ${found.why}`);
    });
}
