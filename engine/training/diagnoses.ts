/** Plain-language findings about a run, each with settings that would repair it. */
import type { Diagnosis } from '../../electron/contract/index.ts';
import type { Subject } from './checkpoint.ts';
import type { MetricRow, RunInfo } from './types.ts';

export interface Evidence {
  run: RunInfo;
  model: Subject;
  step: number;
  steps: number;
  /** Of this evaluation. */
  metrics: Record<string, number>;
  klPerDimension: Float32Array | null;
  /** All validation rows so far, this evaluation's last. */
  history: readonly MetricRow[];
  /** Last averaged training row. */
  training: MetricRow | null;
}

type Rule = (evidence: Evidence) => Omit<Diagnosis, 'step'> | null;

/** Nothing is said before this part of the plan; early figures mean little. */
const SILENT = 0.1;

export function diagnose(evidence: Evidence): Diagnosis[] {
  if (evidence.step < SILENT * evidence.steps) return [];
  return rules.flatMap((rule) => {
    const found = rule(evidence);
    return found ? [{ ...found, step: evidence.step }] : [];
  });
}

const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

/** The KL term fights the reconstruction and wins: z says nothing about x (Bowman et al. 2016). */
const posteriorCollapse: Rule = ({ model, metrics, run, step, steps }) => {
  const { beta, klWarmup, latentSize } = run.config;
  if (metrics.klNats === undefined || step < number(klWarmup, 0) * steps) return null;
  const vector = model.latent?.kind === 'vector';
  const active = number(metrics.activeUnits, NaN);
  const size = model.latent?.size ?? 0;
  const config = { ...run.config, beta: Math.min(1, number(beta, 1) / 4), klWarmup: Math.max(0.3, number(klWarmup, 0)), ...('capacity' in run.config ? { capacity: 0 } : {}) };
  if (active === 0 || metrics.klNats < 0.1) {
    return {
      code: 'posterior-collapse',
      severity: 'danger',
      message: 'The latent space is not used: every picture decodes to the same one.',
      remedy: `Lower beta to ${config.beta} and warm the KL up over the first ${percent(config.klWarmup)} of the training.`,
      config,
    };
  }
  if (vector && size >= 4 && active < size / 4) {
    const smaller = Math.max(2, Math.ceil(active * 1.5));
    return {
      code: 'unused-latents',
      severity: active < size / 8 ? 'warning' : 'info',
      message: `${active} of ${size} latent dimensions carry information; the others are idle.`,
      remedy: number(beta, 1) > 1 ? `Lower beta to ${config.beta} to use more of them, or take ${smaller} latents.` : `${smaller} latents would do as well and make a simpler map.`,
      config: number(beta, 1) > 1 ? config : { ...run.config, latentSize: Math.min(smaller, number(latentSize, smaller)) },
    };
  }
  return null;
};

const imbalance: Rule = ({ model, metrics, run, step, steps }) => {
  const { beta, klWarmup, capacity } = run.config;
  if (model.latent?.kind !== 'vector' || metrics.klNats === undefined || step < number(klWarmup, 0) * steps || number(capacity, 0) > 0) return null;
  const { klNats, reconstructionNats } = metrics;
  // Bernoulli log-likelihoods are negative: -log p(x|z) is what is left to explain.
  if (number(beta, 1) > 1 && metrics.activeUnits > 0 && klNats < 0.05 * Math.abs(reconstructionNats)) {
    return {
      code: 'kl-outweighs-reconstruction',
      severity: 'warning',
      message: `Pictures are soft because beta ${number(beta, 1)} leaves only ${klNats.toFixed(1)} nats to describe each.`,
      remedy: `Lower beta to ${number(beta, 1) / 2}.`,
      config: { ...run.config, beta: number(beta, 1) / 2 },
    };
  }
  if (number(beta, 1) < 0.5 && klNats > 4 * model.latent.size) {
    return {
      code: 'reconstruction-outweighs-kl',
      severity: 'warning',
      message: `Each picture takes ${klNats.toFixed(0)} nats, so the latent space has holes and samples will look broken.`,
      remedy: 'Raise beta to 1.',
      config: { ...run.config, beta: 1 },
    };
  }
  return null;
};

const deadCodes: Rule = ({ model, metrics, run }) => {
  if (model.latent?.kind !== 'codes' || !model.codeCounts || metrics.codesUsed === undefined) return null;
  const { codes } = model.latent;
  const dead = Math.round((1 - metrics.codesUsed) * codes);
  if (metrics.codesUsed >= 0.9) return null;
  if (run.config.quantizer === 'fsq') return null; // nothing to revive: a code that no picture needs costs nothing
  const revival = number(run.config.reviveEvery, 0) === 0 || run.config.codebook === 'gradient' || run.config.kmeansStart === false;
  const fewer = Math.max(16, 2 ** Math.ceil(Math.log2(metrics.perplexity * 2)));
  const config: Record<string, unknown> = revival ? { ...run.config, codebook: 'ema', kmeansStart: true, reviveEvery: 20 } : { ...run.config, codes: Math.min(codes, fewer) };
  return {
    code: 'dead-codes',
    severity: metrics.codesUsed < 0.5 ? 'danger' : 'warning',
    message: `${dead} of ${codes} codes are never used on held-out pictures.`,
    remedy: revival ? 'Use the moving-average codebook with a start from data and revival of dead codes.' : `Take ${String(config.codes)} codes, or train longer.`,
    config,
  };
};

const lowPerplexity: Rule = ({ model, metrics, run }) => {
  if (model.latent?.kind !== 'codes' || !model.codeCounts || metrics.perplexity === undefined) return null;
  const { codes } = model.latent;
  if (metrics.perplexity >= 0.1 * codes) return null;
  if (run.config.quantizer === 'fsq') return null;
  const worst = metrics.perplexity < 0.02 * codes;
  return {
    code: 'low-perplexity',
    severity: worst ? 'danger' : 'warning',
    message: `A few codes do most of the work: as if ${metrics.perplexity.toFixed(0)} of ${codes} were used.`,
    remedy: worst ? 'Use the moving-average codebook, look for dead codes every 10 steps and lower the commitment.' : 'Common with plain backgrounds. Revive codes below a tenth of the mean use to spread the work.',
    config: worst ? { ...run.config, codebook: 'ema', kmeansStart: true, reviveEvery: 10, commitment: 0.1 } : { ...run.config, reviveEvery: 10, reviveBelow: 0.1 },
  };
};

/** Held-out error rises again while training goes on. */
const overFitting: Rule = ({ metrics, history, training, run }) => {
  const by = ['elboNats', 'bitsPerCode', 'mse'].find((name) => metrics[name] !== undefined) ?? 'mse';
  const cost = (row: Record<string, unknown>): number => (by === 'elboNats' ? -1 : 1) * number(row[by], NaN);
  const past = history.filter((row) => row.split === 'validation' && Number.isFinite(cost(row)));
  if (past.length < 6) return null;
  const best = past.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  const now = cost(metrics);
  const rise = (now - cost(best)) / Math.max(Math.abs(cost(best)), 1e-9);
  const trained = training ? cost(training) : NaN;
  if (!(rise > 0.02) || !(trained < cost(best)) || past.filter((row) => row.step > best.step).length < 3) return null;
  return {
    code: 'over-fitting',
    severity: rise > 0.1 ? 'warning' : 'info',
    message: `The model learns its pictures by heart: held-out pictures were best at step ${best.step} and are ${percent(rise)} worse now.`,
    remedy: 'Stop near that step, add pictures, or train a narrower model.',
    config: narrower(run.config),
  };
};

function narrower(config: Record<string, unknown>): Record<string, unknown> {
  const out = { ...config };
  for (const name of ['width', 'hidden']) if (typeof out[name] === 'number') out[name] = Math.max(8, 2 * Math.round((out[name] as number) / 4));
  return out;
}

const rules: readonly Rule[] = [posteriorCollapse, imbalance, deadCodes, lowPerplexity, overFitting];

/** The finding that goes with a training that ended in NaN or infinity. */
export function divergence(step: number, what: string, learningRate: number): Diagnosis {
  return {
    code: 'diverged',
    severity: 'danger',
    message: `Training broke down at step ${step}: ${what}.`,
    remedy: `Start again with a learning rate of ${learningRate / 3 < 1e-5 ? (learningRate / 3).toExponential(1) : Number((learningRate / 3).toPrecision(2))} and gradients clipped to norm 1, or go on from the last checkpoint.`,
    step,
  };
}
