// What `electron <folder>` starts in the development Electron of electron-fallback.mjs: reads the folder's package.json,
// gives the application its name, version and path, and imports its main module.
import { app } from 'electron';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const preloads = [];
let folder = null;
const args = process.argv.slice(1);
for (let i = 0; i < args.length; i++) {
  if (args[i] === '--version' || args[i] === '-v') {
    process.stdout.write(`v${process.versions.electron}\n`);
    process.exit(0);
  } else if (args[i] === '-r' || args[i] === '--require') preloads.push(args[++i]);
  else if (!args[i].startsWith('-')) {
    folder = resolve(args[i]);
    break;
  }
}

if (folder === null) {
  process.stderr.write('Give the folder of an application.\n');
  process.exit(1);
}
let entry = folder;
if (statSync(folder).isDirectory()) {
  const info = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  app.setName(info.productName ?? info.name);
  app.setVersion(info.version);
  app.setAppPath(folder);
  entry = join(folder, info.main ?? 'index.js');
} else {
  app.setAppPath(dirname(folder));
}
for (const preload of preloads) require(preload);
// Awaited, for Electron becomes ready only after this module: the application must have announced its schemes by then.
try {
  await import(pathToFileURL(entry).href);
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  app.exit(1);
}
