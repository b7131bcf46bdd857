import { expect, test } from 'vitest';
import { modelOf } from './checkpoint.ts';
import { checkUp, diagnose, divergence, type Evidence } from './diagnoses.ts';
import { healthOf } from './health.ts';
import { rectangles } from './memory-set.fixture.ts';
import { planRun } from './plan.ts';
import type { MetricRow } from './types.ts';

const images = rectangles();

function evidence(family: string, config: Record<string, unknown>, metrics: Record<string, number>, more: Partial<Evidence> = {}): Evidence {
  const run = planRun({ family, config }, images, 'cpu', '');
  return { run, model: modelOf(run), step: 800, steps: 1000, metrics, klPerDimension: null, history: [], training: null, ...more };
}
const codes = (e: Evidence) => diagnose(e).map((d) => d.code);
/** Every remedy must be a configuration that the family takes. */
const repaired = (e: Evidence) => {
  const [found] = diagnose(e);
  expect(found.config).toBeDefined();
  return planRun({ family: e.run.family, config: found.config! }, images, 'cpu', '').config;
};

const healthyVae = { elboNats: -90, klNats: 20, reconstructionNats: -70, activeUnits: 14, mse: 0.01 };
const healthyVq = { mse: 0.003, perplexity: 300, codesUsed: 1 };

test('healthy runs are left alone, and so are early ones', () => {
  expect(codes(evidence('vae', { latentSize: 16 }, healthyVae))).toEqual([]);
  expect(codes(evidence('vq-vae', {}, healthyVq))).toEqual([]);
  expect(codes(evidence('vae', {}, { ...healthyVae, activeUnits: 0 }, { step: 50 }))).toEqual([]);
});

test('posterior collapse: danger, with a smaller beta and a longer warm-up', () => {
  const e = evidence('vae', { beta: 4, latentSize: 16 }, { ...healthyVae, klNats: 0.01, activeUnits: 0 });
  expect(diagnose(e)[0]).toMatchObject({ code: 'posterior-collapse', severity: 'danger', step: 800 });
  expect(repaired(e)).toMatchObject({ beta: 1, klWarmup: 0.3 });
});

test('collapse is not called while the KL still warms up', () => {
  expect(codes(evidence('vae', { klWarmup: 0.9 }, { ...healthyVae, activeUnits: 0 }))).toEqual([]);
});

test('idle latents: a shorter vector, or a smaller beta', () => {
  expect(repaired(evidence('vae', { latentSize: 32 }, { ...healthyVae, activeUnits: 4 }))).toMatchObject({ latentSize: 6 });
  expect(repaired(evidence('vae', { latentSize: 32, beta: 8 }, { ...healthyVae, activeUnits: 4 }))).toMatchObject({ beta: 1, latentSize: 32 });
});

test('balance of reconstruction and KL, both ways', () => {
  const soft = evidence('vae', { beta: 8, latentSize: 8 }, { ...healthyVae, klNats: 2, reconstructionNats: -400, activeUnits: 5 });
  expect(codes(soft)).toEqual(['kl-outweighs-reconstruction']);
  expect(repaired(soft)).toMatchObject({ beta: 4 });
  const holes = evidence('vae', { beta: 0.01, latentSize: 8 }, { ...healthyVae, klNats: 60, activeUnits: 8 });
  expect(codes(holes)).toEqual(['reconstruction-outweighs-kl']);
  expect(repaired(holes)).toMatchObject({ beta: 1 });
});

test('dead codes: revival where it was off, else a smaller codebook', () => {
  const off = evidence('vq-vae', { codebook: 'gradient' }, { mse: 0.01, perplexity: 100, codesUsed: 0.4 });
  expect(diagnose(off)[0]).toMatchObject({ code: 'dead-codes', severity: 'danger', message: expect.stringContaining('307 of 512') });
  expect(repaired(off)).toMatchObject({ codebook: 'ema', kmeansStart: true });
  const on = evidence('vq-vae', {}, { mse: 0.01, perplexity: 100, codesUsed: 0.7 });
  expect(diagnose(on)[0]).toMatchObject({ code: 'dead-codes', severity: 'warning' });
  expect(repaired(on)).toMatchObject({ codes: 256 });
});

test('low perplexity', () => {
  const e = evidence('vq-vae', {}, { mse: 0.01, perplexity: 5, codesUsed: 0.95 });
  expect(diagnose(e)[0]).toMatchObject({ code: 'low-perplexity', severity: 'danger' });
  expect(repaired(e)).toMatchObject({ codebook: 'ema', commitment: 0.1 });
  expect(diagnose(evidence('vq-vae', {}, { mse: 0.01, perplexity: 40, codesUsed: 1 }))[0].severity).toBe('warning');
});

test('over-fitting: held-out worse than its best for three looks while training is better', () => {
  const history: MetricRow[] = [-110, -100, -95, -99, -103, -106].map((elboNats, i) => ({ step: 100 * (i + 1), split: 'validation', time: 0, elboNats }));
  const training: MetricRow = { step: 600, split: 'train', time: 0, elboNats: -80 };
  const e = evidence('vae', { width: 32, hidden: 256 }, { ...healthyVae, elboNats: -106 }, { history, training });
  expect(diagnose(e)[0]).toMatchObject({ code: 'over-fitting', severity: 'warning', message: expect.stringMatching(/step 300 .*12 % worse/) });
  expect(repaired(e)).toMatchObject({ width: 16, hidden: 128 });
  expect(codes({ ...e, training: { ...training, elboNats: -120 } })).toEqual([]);
});

test('divergence names the step and a third of the learning rate', () => {
  const { run } = evidence('vae', {}, healthyVae);
  const found = divergence(12, 'the loss is not a number', { ...run, training: { ...run.training, learningRate: 3e-3 } });
  expect(found).toMatchObject({ code: 'diverged', step: 12, remedy: expect.stringContaining('0.001 '), training: { learningRate: 1e-3, clipNorm: 1 }, config: run.config });
});

test('mode collapse: samples that cover little of the data, unless nothing is written down at all', () => {
  const far = evidence('vae', { beta: 0.9, latentSize: 8 }, { ...healthyVae, activeUnits: 8, sampleCoverage: 0.02 });
  expect(diagnose(far)[0]).toMatchObject({ code: 'mode-collapse', severity: 'danger', message: expect.stringContaining('2 %') });
  expect(repaired(far)).toMatchObject({ beta: 1 });
  expect(repaired(evidence('vae', { latentSize: 16 }, { ...healthyVae, sampleCoverage: 0.2 }))).toMatchObject({ latentSize: 8 });
  expect(codes(evidence('vae', { latentSize: 16 }, { ...healthyVae, sampleCoverage: 0.5 }))).toEqual([]);
  expect(codes(evidence('vae', { latentSize: 16 }, { ...healthyVae, klNats: 0.01, activeUnits: 0, sampleCoverage: 0 }))).toEqual(['posterior-collapse']);
});

test('over-smoothing: a lower beta, a finer grid, more latents, by the kind of model; not while detail still comes', () => {
  const soft = { ...healthyVae, detailKept: 0.05 };
  const e = evidence('vae', { beta: 4, latentSize: 16 }, { ...soft, reconstructionNats: -40 });
  expect(diagnose(e)[0]).toMatchObject({ code: 'over-smoothing', severity: 'warning', message: expect.stringContaining('5 % of the finest detail') });
  expect(repaired(e)).toMatchObject({ beta: 1 });
  expect(repaired(evidence('vae', { latentSize: 16 }, soft))).toMatchObject({ latentSize: 32 });
  expect(repaired(evidence('vq-vae', { stride: 8 }, { ...healthyVq, detailKept: 0.05 }))).toMatchObject({ stride: 4 });
  expect(codes(evidence('vae', { latentSize: 16 }, { ...healthyVae, detailKept: 0.8 }))).toEqual([]);
  const rising: MetricRow[] = [0.02, 0.05].map((detailKept, i) => ({ step: 100 * (i + 1), split: 'validation', time: 0, detailKept }));
  expect(codes(evidence('vae', { latentSize: 16 }, soft, { history: rising }))).toEqual([]);
});

test('instability: two rises of a tenth, each taken back, and a third of the learning rate', () => {
  const rows = (costs: number[]): MetricRow[] => costs.map((cost, i) => ({ step: 100 * (i + 1), split: 'validation', time: 0, elboNats: -cost }));
  const jumping = evidence('vae', { latentSize: 16 }, healthyVae, { history: rows([100, 95, 120, 96, 92, 110, 90]) });
  expect(diagnose(jumping)[0]).toMatchObject({ code: 'unstable', training: { clipNorm: 1, learningRate: 1e-4 }, message: expect.stringContaining('2 times') });
  expect(repaired(jumping)).toMatchObject(jumping.run.config);
  expect(codes(evidence('vae', { latentSize: 16 }, healthyVae, { history: rows([100, 95, 96, 93, 92, 91, 90]) }))).toEqual([]);
  expect(codes(evidence('vae', { latentSize: 16 }, healthyVae, { history: rows([100, 95, 120, 96, 92, 91, 90]) }))).toEqual([]);
});

test('choices that are all certain: warmer, slower, the KL from the first step', () => {
  const e = evidence('discrete-vae', { variables: 4, categories: 8 }, { elboNats: -250, reconstructionNats: -241.7, klNats: 4 * Math.log(8) - 0.01, perplexity: 4, codesUsed: 0.1 });
  expect(diagnose(e)[0]).toMatchObject({ code: 'frozen-choices', severity: 'danger', training: { learningRate: 1.5e-4 } });
  expect(repaired(e)).toMatchObject({ temperatureStart: 2, klWarmup: 0 });
  expect(codes({ ...e, metrics: { ...e.metrics, klNats: 5 } })).toEqual([]);
});

test('mode collapse takes weight from the critic where there is one, and variables from a discrete VAE', () => {
  expect(repaired(evidence('vae', { adversarial: 0.8, latentSize: 16 }, { ...healthyVae, sampleCoverage: 0.2 }))).toMatchObject({ adversarial: 0.2, latentSize: 16 });
  expect(repaired(evidence('discrete-vae', { variables: 20 }, { elboNats: -90, reconstructionNats: -70, klNats: 20, sampleCoverage: 0.2 }))).toMatchObject({ variables: 10 });
});

test('a check-up names what was looked at, well or not, and says what the diagnoses say', () => {
  const well = checkUp(evidence('vae', { latentSize: 16 }, healthyVae));
  expect(well.map(({ title, measured, finding }) => [title, measured, finding])).toEqual([
    ['The latent is used', 'KL 20 nats, 14 of 16 dimensions active', null],
    ['Balance of reconstruction and KL', '-70 against 20 nats', null],
  ]);
  const ill = evidence('vq-vae', { codebook: 'gradient' }, { mse: 0.01, perplexity: 100, codesUsed: 0.4 });
  expect(checkUp(ill).map(({ measured }) => measured)).toEqual(['40 % of the codebook', 'perplexity 100 of 512']);
  expect(checkUp(ill).flatMap(({ finding }) => (finding ? [finding] : []))).toEqual(diagnose(ill));
});

test('health goes by the last evaluation, with figures that are measured less often from where they last stood', () => {
  const { run } = evidence('vae', { latentSize: 16 }, healthyVae);
  const row = (step: number, more: object): MetricRow => ({ step, split: 'validation', time: 0, ...healthyVae, ...more });
  const health = healthOf({ ...run, step: 5000 }, [row(100, { sampleCoverage: 0.05 }), row(200, { elboNats: -80 })]);
  expect(health).toMatchObject({ step: 200, note: null });
  expect(health.checks.find(({ title }) => title === 'Variety of samples')).toMatchObject({ measured: '5 % of what the model can redraw', finding: { code: 'mode-collapse', step: 200 } });
  expect(health.checks.find(({ title }) => title === 'Nothing learned by heart')!.measured).toBe('held-out bound best at step 200 of 200');
  expect(healthOf({ ...run, step: 20 }, [])).toMatchObject({ step: null, checks: [], note: expect.stringMatching(/not been evaluated/) });
  const broken = { ...run, diagnoses: [divergence(7, 'the loss is infinite', run)] };
  expect(healthOf(broken, []).checks).toMatchObject([{ measured: 'broke down at step 7', finding: { code: 'diverged' } }]);
});
