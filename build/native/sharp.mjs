// @ts-check
/**
 * What `import 'sharp'` means in the bundles. Electron on Linux brings the system's GLib into every process, sharp's image library
 * (libvips) carries a GLib of its own, and the loader would mix the two: warnings by the thousand, or a crash, when a picture is
 * decoded (lovell/sharp#4525, electron/electron#46323). So in Electron on Linux the image library, which set-up has marked to bind
 * to itself (symbolic.mjs), is loaded first, and then sharp with its own libraries ahead of the process's.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';

const load = createRequire(import.meta.url);
if (process.platform === 'linux' && process.versions.electron) keepApart();

function keepApart() {
  const { RTLD_NOW, RTLD_LAZY, RTLD_DEEPBIND } = constants.dlopen;
  const open = process.dlopen;
  /** @type {string} */
  let folder;
  try {
    folder = load(`@img/sharp-libvips-linux-${process.arch}/lib`);
  } catch {
    return; // another build of sharp; its own loader has the say
  }
  for (const name of readdirSync(folder).filter((each) => each.startsWith('libvips-cpp.so'))) {
    try {
      open.call(process, { exports: {} }, join(folder, name), RTLD_NOW);
    } catch {
      continue; // always: it is no add-on; but it stays loaded
    }
  }
  process.dlopen = function (module, file, flags = RTLD_LAZY) {
    return open.call(this, module, file, /[\\/]sharp-linux-[^\\/]*\.node$/.test(file) ? RTLD_LAZY | RTLD_DEEPBIND : flags);
  };
}

export default load('sharp');
