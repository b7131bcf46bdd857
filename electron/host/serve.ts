/**
 * The application without a desktop: the service and its pages on 127.0.0.1. `atelier serve` imports this file, `npm start`
 * runs it as a program where there is no display.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtelierError, toAtelierError } from '../../engine/core/errors.ts';
import { stderrLogger } from '../../engine/core/log.ts';
import { createService } from '../../engine/service/index.ts';
import { startWebServer } from './web-server.ts';

export interface ServeOptions {
  /** On 127.0.0.1; 0 finds a free one. */
  port: number;
  /** Folder of the project to open. */
  project?: string;
  /** Folder around which a project is looked for when none is named. */
  near?: string;
  verbose?: boolean;
  /** Called once it can be reached. */
  announce(address: string, port: number): void;
}

/** Serves until SIGINT or SIGTERM, then pauses what trains and returns. */
export async function serve(options: ServeOptions): Promise<void> {
  const log = stderrLogger(options.verbose);
  const service = await createService({ project: options.project, near: options.near, log });
  const server = await startWebServer({
    service,
    pages: fileURLToPath(new URL('./renderer', import.meta.url)),
    uploads: async () => join((await service.project()).path, 'uploads'),
    log,
    port: options.port,
  }).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  options.announce(server.address, server.port);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  log.info('Closing; what trains is paused with a checkpoint.');
  await server.close();
  await service.close();
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  const value = (name: string): string | undefined => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const port = Number(value('port') ?? 0);
  try {
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new AtelierError('bad-input', 'The port is not a number from 0 to 65535.', 'Give --port a number; 0 finds a free one.');
    await serve({
      port,
      project: value('project'),
      verbose: process.argv.includes('--verbose'),
      announce: (address) => process.stdout.write(`Latent Atelier is open at ${address}\nStop it with Ctrl+C.\n`),
    });
    process.exit(0);
  } catch (error) {
    const { message, remedy } = toAtelierError(error, 'serving');
    process.stderr.write(`error: ${message}\n${remedy}\n`);
    process.exit(1);
  }
}
