import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Environment in which Vulkan programs use a driver that computes on the CPU. */
export interface SoftwareVulkan {
  icd: string;
  env: Record<string, string>;
}

const ICD = 'vk_swiftshader_icd.json';

function* folders(): Generator<string> {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) yield process.env.ELECTRON_OVERRIDE_DIST_PATH;
  try {
    yield join(dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'dist');
  } catch {
    // Electron is not installed; the cache may have one.
  }
  for (const cache of [process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')]) {
    const root = join(cache, 'latent-atelier');
    if (existsSync(root)) for (const name of readdirSync(root)) yield join(root, name);
  }
}

/** SwiftShader as it comes with every Electron, or Mesa's lavapipe; undefined where neither is there. */
export function findSoftwareVulkan(): SoftwareVulkan | undefined {
  for (const folder of folders()) {
    const icd = join(folder, ICD);
    if (existsSync(icd) && existsSync(join(folder, 'libvulkan.so.1'))) {
      return { icd, env: { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') } };
    }
  }
  const mesa = '/usr/share/vulkan/icd.d';
  const lavapipe = existsSync(mesa) ? readdirSync(mesa).find((n) => n.startsWith('lvp_icd')) : undefined;
  return lavapipe ? { icd: join(mesa, lavapipe), env: { VK_ICD_FILENAMES: join(mesa, lavapipe), VK_DRIVER_FILES: join(mesa, lavapipe) } } : undefined;
}
