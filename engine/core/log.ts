/** Where the engine's messages go; the host decides (standard error, a file, a window). */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Lines on standard error, so that standard output stays free for results. */
export function stderrLogger(verbose = false): Logger {
  const write = (level: string) => (message: string) => void process.stderr.write(`${level}${message}\n`);
  return { debug: verbose ? write('debug: ') : () => {}, info: write(''), warn: write('warning: '), error: write('error: ') };
}
