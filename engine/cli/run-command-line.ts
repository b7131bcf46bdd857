import { CommanderError } from 'commander';
import { AtelierError, toAtelierError, type ErrorValue } from '../core/errors.ts';
import { Context, type Streams } from './context.ts';
import { ExitCode } from './exit-code.ts';
import { createProgram } from './program.ts';

/** Codes: 0 success, 1 failure, 2 bad usage, 130 paused by Ctrl+C. */
export async function runCommandLine(argv: readonly string[], streams: Streams, folder?: string): Promise<number> {
  const context = new Context(streams, folder);
  const json = argv.includes('--json');
  const fail = (error: ErrorValue, code: number): number => {
    if (json) streams.out(`${JSON.stringify({ error }, null, 2)}\n`);
    else streams.err(`error: ${error.message}\n${error.remedy ? `${error.remedy}\n` : ''}`);
    return code;
  };
  try {
    const program = await createProgram(context, argv);
    await program.parseAsync(argv as string[], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitCode) return error.code;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const message = error.message.replace(/^error: /, '').replace(/^\(outputHelp\)$/, 'Name a command.');
      return fail({ code: 'bad-input', message, remedy: 'See --help for what there is.' }, 2);
    }
    if (!(error instanceof AtelierError)) context.log.debug(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return fail(toAtelierError(error, 'running the command').toValue(), 1);
  } finally {
    await context.close().catch((error: unknown) => streams.err(`warning: ${String(error)}\n`));
  }
}
