// @ts-check
/**
 * Makes dist/ from the sources, only what changed: `node build/bundle.mjs [part...] [--force]`. Launchers call `bundle` first.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setUp } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { launch, Problem, say } from './setup/run.mjs';
import { isFresh, keepStamp, stampOf } from './stamp.mjs';

/** Entry and output of each program. All of one kind share a build; `sources` decide whether it is made again. */
const programs = {
  engine: {
    sources: ['engine', 'electron/contract', 'electron/host'],
    entries: {
      cli: 'engine/cli/main.ts',
      'job-worker': 'engine/service/job-worker.ts',
      'layout-worker': 'engine/projection/layout-worker.ts',
      host: 'electron/host/host.ts',
      serve: 'electron/host/serve.ts',
    },
  },
  shell: { sources: ['electron/contract', 'electron/main'], entries: { main: 'electron/main/main.ts' } },
  preload: { sources: ['electron/contract', 'electron/preload'], entries: { preload: 'electron/preload/preload.ts' } },
};
const rendererSources = ['renderer', 'electron/contract'];
const common = ['build/native', 'package.json', 'package-lock.json', 'build/bundle.mjs', 'build/vite.config.mjs', 'build/tsconfig.base.json'];

/** Kept outside the bundles: they carry native binaries. `electron` comes with the shell. */
const external = ['electron', 'onnxruntime-node', 'sharp', '@duckdb/node-api', '@tensorflow/tfjs-node-gpu'];

/** @typedef {'engine' | 'shell' | 'preload' | 'renderer'} Part */
/** @type {Part[]} */
export const allParts = ['engine', 'shell', 'preload', 'renderer'];

/**
 * @param {Part[]} [parts] what is needed; default: all
 * @param {{ force?: boolean }} [options]
 */
export async function bundle(parts = allParts, options = {}) {
  const stale = parts
    .map((part) => ({ part, stamp: stampOf([...(part === 'renderer' ? rendererSources : programs[part].sources), ...common]) }))
    .filter(({ part, stamp }) => options.force || !isFresh(part, stamp));
  if (stale.length === 0) return;
  say(`Building ${stale.map(({ part }) => part).join(', ')}...`);
  for (const { part, stamp } of stale) {
    if (part === 'renderer') await bundleRenderer();
    else await bundleProgram(part);
    keepStamp(part, stamp);
  }
}

/** @param {Exclude<Part, 'renderer'>} part */
async function bundleProgram(part) {
  const { build } = await import('esbuild');
  const preload = part === 'preload';
  try {
    const result = await build({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(Object.entries(programs[part].entries).map(([name, entry]) => [name, entry])),
      outdir: 'dist',
      outExtension: { '.js': preload ? '.cjs' : '.mjs' },
      bundle: true,
      splitting: part === 'engine',
      // Beside the entries, so that `import.meta.url` means the same folder in every file.
      chunkNames: 'chunk-[hash]',
      platform: 'node',
      target: 'node20.18',
      format: preload ? 'cjs' : 'esm',
      external,
      alias: { sharp: join(root, 'build', 'native', 'sharp.mjs') },
      sourcemap: true,
      sourcesContent: false,
      legalComments: 'none',
      logLevel: 'warning',
      // The module build of TensorFlow.js registers its gradients; its CommonJS build for Node does not.
      mainFields: ['module', 'main'],
      // Bundled CommonJS asks for `require` and `__dirname`, which modules lack.
      banner: preload ? {} : { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      metafile: true,
    });
    if (part === 'engine') dropOldFiles(Object.keys(result.metafile?.outputs ?? {}));
  } catch (error) {
    throw new Problem(`The ${part} part does not build; the reasons stand above.${error instanceof Error ? '' : String(error)}`);
  }
}

/**
 * Removes what earlier builds left in dist/, so that it is neither packaged nor loaded. An application that runs from here meanwhile
 * must be started again, as after any change.
 * @param {string[]} outputs what was just written, relative to the root
 */
function dropOldFiles(outputs) {
  const others = Object.entries(programs).flatMap(([part, { entries }]) => (part === 'engine' ? [] : Object.keys(entries)));
  for (const name of readdirSync(join(root, 'dist'))) {
    if (!/\.[cm]?js(\.map)?$/.test(name) || outputs.includes(`dist/${name}`) || others.includes(name.split('.')[0])) continue;
    rmSync(join(root, 'dist', name), { force: true });
  }
}

async function bundleRenderer() {
  const vite = await import('vite');
  try {
    await vite.build({ configFile: join(root, 'build', 'vite.config.mjs'), logLevel: 'warn' });
  } catch (error) {
    throw new Problem(`The renderer does not build:\n${error instanceof Error ? error.message : error}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await launch(async () => {
    await setUp();
    const named = process.argv.slice(2).filter((part) => !part.startsWith('-'));
    const parts = named.length > 0 ? allParts.filter((part) => named.includes(part)) : allParts;
    await bundle(parts, { force: process.argv.includes('--force') });
  });
}
