// @ts-check
/** `npm run bench`: the engine's fixed shapes, as ratios; see `npm run bench -- --help`. */
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { setUp } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { launch, run } from './setup/run.mjs';

await launch(async () => {
  await setUp();
  await bundle(['engine']);
  return run(process.execPath, [join(root, 'dist', 'cli.mjs'), 'bench', ...process.argv.slice(2)]);
});
