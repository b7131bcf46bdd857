// @ts-check
/** `npm run atelier -- <command>`: the command line, built when needed. Paths are relative to where npm was called. */
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { setUp } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { launch, run } from './setup/run.mjs';

await launch(async () => {
  const args = process.argv.slice(2);
  await setUp();
  await bundle(args[0] === 'serve' || args[0] === 'map' ? ['engine', 'renderer'] : ['engine']);
  return run(process.execPath, [join(root, 'dist', 'cli.mjs'), ...args], { cwd: process.env.INIT_CWD ?? process.cwd() });
});
