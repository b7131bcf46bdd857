import { expect, test } from 'vitest';
import type { FamilyInfo, RunInfo } from '../../electron/contract/index.ts';
import { capabilitiesOf } from './capabilities.ts';

const run = (change: Partial<RunInfo>): RunInfo => ({ step: 10, config: {}, ...change }) as RunInfo;
const codec = { run: '/r', name: 'r', family: 'vq-vae', step: 5, fingerprint: 'f', height: 8, width: 7, codes: 16, alphabets: 1 };

test('a prior has the finest of its grids', () => {
  expect(capabilitiesOf(run({ codec }), null, true)).toMatchObject({ prior: true, latent: 'codes', byClass: true, grid: { width: 7, height: 8 } });
  const grids = [{ name: 'top', height: 4, width: 4, codes: 16, first: 0 }, { name: 'bottom', height: 8, width: 9, codes: 16, first: 16 }];
  expect(capabilitiesOf(run({ codec: { ...codec, height: 1, width: 88, grids } }), null, false).grid).toEqual({ width: 9, height: 8 });
});

test('of a model it follows from its family and its settings', () => {
  const vae = { kind: 'vae', latent: 'vector' } as FamilyInfo;
  expect(capabilitiesOf(run({ config: { denoise: 0.1 } }), vae, false)).toEqual({ trained: true, prior: false, latent: 'vector', byClass: false, denoises: true, restyles: false, grid: null });
  expect(capabilitiesOf(run({ step: 0 }), vae, false).trained).toBe(false);
});
