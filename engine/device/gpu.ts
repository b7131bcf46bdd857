import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';

export interface Gpu {
  name: string;
  /** Emulated on the CPU. */
  software: boolean;
}

const VENDORS: Record<string, string> = { '0x10de': 'NVIDIA GPU', '0x1002': 'AMD GPU', '0x8086': 'Intel GPU', '0x106b': 'Apple GPU', '0x13b5': 'ARM GPU', '0x5143': 'Qualcomm GPU' };
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|lvp_icd|basic render|basic display|virtio|vmware svga/i;

/**
 * The GPU that a graphics API would choose, as the operating system names it. ONNX Runtime does not tell which adapter it got, and a
 * driver that emulates a GPU must not pass for one.
 * @returns undefined where there is none
 */
export async function findGpu(): Promise<Gpu | undefined> {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (process.platform === 'linux' && named && SOFTWARE.test(named)) return { name: `${/swiftshader/i.test(named) ? 'SwiftShader' : 'llvmpipe'} (software)`, software: true };
  if (process.platform === 'darwin') return { name: process.arch === 'arm64' ? 'Apple GPU' : 'Mac GPU', software: false };
  if (process.platform === 'win32') return windowsGpu();
  return linuxGpu();
}

async function linuxGpu(): Promise<Gpu | undefined> {
  for (const folder of await list('/proc/driver/nvidia/gpus')) {
    const model = /Model:\s*(.+)/.exec(await text(`/proc/driver/nvidia/gpus/${folder}/information`))?.[1];
    if (model) return { name: model.trim(), software: false };
  }
  const render = (await list('/sys/class/drm')).filter((n) => n.startsWith('renderD'));
  for (const node of render) {
    const vendor = (await text(`/sys/class/drm/${node}/device/vendor`)).trim();
    if (VENDORS[vendor]) return { name: VENDORS[vendor], software: false };
  }
  // A Vulkan driver without a render node behind it computes on the CPU.
  return undefined;
}

function windowsGpu(): Promise<Gpu | undefined> {
  const query = '(Get-CimInstance Win32_VideoController).Name';
  return new Promise((resolve) => {
    execFile('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query], { timeout: 8000, windowsHide: true }, (error, out) => {
      const names = error ? [] : out.split('\n').map((l) => l.trim()).filter(Boolean);
      const hardware = names.find((n) => !SOFTWARE.test(n));
      resolve(hardware ? { name: hardware, software: false } : names[0] ? { name: names[0], software: true } : undefined);
    });
  });
}

const list = (path: string): Promise<string[]> => readdir(path).catch(() => []);
const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
