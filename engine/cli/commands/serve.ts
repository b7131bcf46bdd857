import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { AtelierError } from '../../core/errors.ts';
import { common, type Context } from '../context.ts';
import { whole } from '../schema-options.ts';

/** What `electron/host/serve.ts` offers; it is bundled apart, for the command line must not depend on the hosts. */
interface ServeModule {
  serve(options: { port: number; project?: string; near?: string; verbose?: boolean; announce(address: string, port: number): void }): Promise<void>;
}

export function addServe(program: Command, context: Context): void {
  common(program.command('serve'))
    .description('the application in a browser: serves it on 127.0.0.1 and prints an address with a secret token')
    .option('--port <integer>', 'port on 127.0.0.1; 0 finds a free one', whole(0, 65535), 0)
    .action(async (options) => {
      context.use(options);
      await serveApplication(context, options, (address, port) => context.result({ address, port }, `Latent Atelier is open at ${address}\nStop it with Ctrl+C.`));
    });
}

/** Serves the application until it is stopped. */
export async function serveApplication(context: Context, options: { port: number; project?: string; verbose?: boolean }, announce: (address: string, port: number) => void): Promise<void> {
  const file = new URL('./serve.mjs', import.meta.url);
  if (!existsSync(fileURLToPath(file))) throw new AtelierError('unavailable', `The web server is missing: ${fileURLToPath(file)}.`, 'Build the application with `npm start`, or reinstall it.');
  const { serve } = (await import(file.href)) as ServeModule;
  await serve({ port: options.port, project: options.project ? context.path(options.project) : undefined, near: context.folder, verbose: options.verbose, announce });
}
