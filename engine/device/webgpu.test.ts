import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { findSoftwareVulkan } from './software-vulkan.fixture.ts';
import type { WebGpuFindings } from './webgpu.fixture.ts';

const here = dirname(fileURLToPath(import.meta.url));
const vulkan = findSoftwareVulkan();
const leaveOut = process.env.ATELIER_WITHOUT_VULKAN === '1' || process.platform !== 'linux';

/** The loader reads its environment when a process starts, so the work is done in one of its own. */
async function findings(env: Record<string, string>): Promise<WebGpuFindings> {
  const folder = mkdtempSync(join(here, '..', '..', 'node_modules', '.webgpu-test-'));
  try {
    const outfile = join(folder, 'run.mjs');
    await build({
      entryPoints: [join(here, 'webgpu.fixture.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['onnxruntime-node', '@tensorflow/tfjs-node-gpu'],
      banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
      logLevel: 'error',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], { env: { ...process.env, ...env }, maxBuffer: 1e8, timeout: 170_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as WebGpuFindings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.skipIf(leaveOut)('WebGPU on a software Vulkan driver agrees with the CPU and keeps its state on the device (left out: not Linux, or ATELIER_WITHOUT_VULKAN=1)', async () => {
  if (!vulkan) {
    expect.fail('No software Vulkan driver was found. Any Electron has one ("npm start" sets one up), Debian has mesa-vulkan-drivers; ATELIER_WITHOUT_VULKAN=1 leaves this test out.');
  }
  const found = await findings(vulkan.env);
  const report = found.report.devices.find((d) => d.id === 'webgpu')!;
  expect(report).toMatchObject({ available: true, software: true });
  expect(found.report.default.id, 'a software GPU is never the default').toBe('cpu');
  expect(found.report.default.why).toContain('emulated');
  for (const [name, apart] of Object.entries(found.agreements)) {
    expect(apart.loss, name).toBeLessThan(1e-4);
    expect(apart.tensor, `${name}: ${apart.worst}`).toBeLessThan(2e-4);
  }
  expect(found.shared.read).toEqual(Array.from({ length: 12 }, (_, i) => 2 * (i + 2)));
  expect(found.shared.afterWrite).toEqual(new Array(12).fill(6));
}, 180_000);
