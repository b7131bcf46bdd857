import { expect, test } from 'vitest';
import { chooseDefault } from './choice.ts';
import { listDevices, openDevice } from './index.ts';
import type { DeviceReport } from './index.ts';
import { judge, probeModel } from './probe.ts';
import { locate, tryProvider } from './trial.ts';

const report = (id: DeviceReport['id'], available: boolean, software = false): DeviceReport => ({ id, name: id, available, software, reason: '' });

test('every device is listed, the CPU is there, and each absence says why', async () => {
  const { devices, default: choice } = await listDevices();
  expect(devices.map((d) => d.id)).toEqual(['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow']);
  expect(devices[0]).toMatchObject({ available: true, software: false });
  for (const d of devices) expect(d.reason, d.id).toMatch(/\.$/);
  expect(devices.find((d) => d.id === choice.id)).toMatchObject({ available: true, software: false });
});

test('a hardware GPU comes first, a software GPU never by itself', () => {
  expect(chooseDefault([report('cpu', true), report('webgpu', true), report('cuda', true)]).id).toBe('cuda');
  expect(chooseDefault([report('cpu', true), report('webgpu', true), report('cuda', false)]).id).toBe('webgpu');
  expect(chooseDefault([report('cpu', true), report('webgpu', true, true)])).toEqual({ id: 'cpu', why: expect.stringContaining('emulated') });
  expect(chooseDefault([report('cpu', true), report('tensorflow', true)]).id).toBe('cpu');
});

test('outcomes of a trial are put so that one knows what to do', () => {
  const works = { works: true, error: '', timedOut: false };
  expect(judge('webgpu', works, { name: 'Intel GPU', software: false })).toMatchObject({ name: 'Intel GPU, WebGPU', software: false });
  expect(judge('webgpu', works, undefined)).toMatchObject({ available: true, software: true });
  expect(judge('webgpu', { works: false, error: 'x', timedOut: true }, undefined).reason).toContain('update the graphics driver');
  expect(judge('cuda', { works: false, error: 'libcudnn.so.9: cannot open', timedOut: false }, { name: 'NVIDIA GeForce RTX 3060', software: false }).reason).toMatch(/libcudnn.*install CUDA 12/);
});

test('a library that kills its process, or hangs, does not take ours down', async () => {
  const crash = await tryProvider('webgpu', 'data:,', probeModel());
  expect(crash.works).toBe(false);
  expect(crash.error).not.toBe('');
  const hang = await tryProvider('webgpu', locate('onnxruntime-node')!, probeModel(), 1);
  expect(hang).toMatchObject({ works: false, timedOut: true });
});

test('a device that is not there refuses with the reason', async () => {
  const missing = process.platform === 'win32' ? 'coreml' : 'dml';
  await expect(openDevice(missing)).rejects.toMatchObject({ code: 'unavailable', remedy: expect.stringContaining('only') });
  await expect(openDevice('abacus' as never)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(openDevice('cpu', { threads: 0 })).rejects.toMatchObject({ code: 'bad-input' });
});

test('the provider script works on the CPU', async () => {
  expect(await tryProvider('cpu', locate('onnxruntime-node')!, probeModel())).toEqual({ works: true, error: '', timedOut: false });
});
