/** Plain-language findings about a run, each with settings that would repair it. */
import type { Diagnosis, HealthCheck } from '../../electron/contract/index.ts';
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
  const { cost } = costOf(metrics);
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

/** Samples keep to a few kinds of picture, though reconstructions do not (recall, Kynkaanniemi et al. 2019, of what the model itself can draw). */
const modeCollapse: Rule = ({ model, metrics, run }) => {
  if (metrics.sampleCoverage === undefined || metrics.sampleCoverage >= 0.3 || metrics.klNats === undefined || metrics.klNats < 0.1 || metrics.activeUnits === 0) return null;
  const { beta, latentSize, adversarial, variables } = run.config;
  const far = model.latent !== undefined && number(beta, 1) < 1;
  const critic = number(adversarial, 0) > 0;
  const fewer = Math.max(2, Math.ceil(number(latentSize ?? variables, 32) / 2));
  const change = far ? { beta: 1 } : critic ? { adversarial: number(adversarial, 0) / 4 } : { [variables === undefined ? 'latentSize' : 'variables']: fewer };
  return {
    code: 'mode-collapse',
    severity: metrics.sampleCoverage < 0.1 ? 'danger' : 'warning',
    message: `Drawn pictures cover ${percent(metrics.sampleCoverage)} of what the model can redraw: most kinds of picture are never drawn.`,
    remedy: far
      ? `Raise beta from ${number(beta, 1)} to 1, so that pictures are written down where samples are drawn from.`
      : critic ? 'Give the critic a quarter of its weight.' : `Take ${fewer} ${variables === undefined ? 'latents' : 'variables'}, so that samples fall where pictures were seen.`,
    config: { ...run.config, ...change },
  };
};

/** Categorical latents that are certain of themselves before the decoder listens: logits have run away, and gradients with them. */
const frozenChoices: Rule = ({ model, metrics, run }) => {
  const { categories, variables, temperatureStart } = run.config;
  if (model.latent?.kind !== 'codes' || typeof categories !== 'number' || typeof variables !== 'number' || metrics.klNats === undefined) return null;
  if (metrics.klNats < 0.98 * variables * Math.log(categories)) return null;
  const warmer = Math.max(2, 2 * number(temperatureStart, 1));
  return {
    code: 'frozen-choices',
    severity: 'danger',
    message: 'Every choice is made with certainty: the encoder stopped learning before the decoder understood it.',
    remedy: `Start warmer, at a temperature of ${warmer}, count the KL from the first step and halve the learning rate.`,
    config: { ...run.config, temperatureStart: warmer, klWarmup: 0 },
    training: { learningRate: rounded(run.training.learningRate / 2) },
  };
};

/** Little is left of the finest octave of the spectrum. */
const overSmoothing: Rule = ({ metrics, run, history }) => {
  const kept = metrics.detailKept;
  if (kept === undefined || kept >= 0.35 || metrics.activeUnits === 0 || number(run.config.denoise, 0) > 0) return null;
  const still = history.filter((row) => typeof row.detailKept === 'number').slice(-4).map((row) => row.detailKept as number);
  if (still.length > 1 && kept > 1.15 * still[0]) return null; // it still comes
  const { config, training } = run;
  const change = sharper(config);
  if (!change) return null;
  return {
    code: 'over-smoothing',
    severity: kept < 0.1 ? 'warning' : 'info',
    message: `Pictures are soft: ${percent(kept)} of the finest detail is left in what the model redraws.`,
    remedy: change.remedy,
    config: change.config,
    ...(training.steps !== undefined ? { training: { steps: 2 * training.steps } } : {}),
  };
};

/** What gives a model of this kind more to draw detail with. */
function sharper(config: Record<string, unknown>): { config: Record<string, unknown>; remedy: string } | null {
  const beta = number(config.beta, 1);
  if (beta > 1) return { config: { ...config, beta: Math.max(1, beta / 4), ...('capacity' in config ? { capacity: 0 } : {}) }, remedy: `Lower beta to ${Math.max(1, beta / 4)}, and train twice as long.` };
  const stride = number(config.stride, 0);
  if (stride > 4) return { config: { ...config, stride: stride / 2 }, remedy: `Lower the stride to ${stride / 2}: four times as many codes, and train twice as long.` };
  const latentSize = number(config.latentSize, 0);
  if (latentSize > 0 && latentSize < 256) return { config: { ...config, latentSize: Math.min(256, 2 * latentSize) }, remedy: `Take ${Math.min(256, 2 * latentSize)} latents and train twice as long; a VQ-VAE is sharper by nature.` };
  const variables = number(config.variables, 0);
  if (variables > 0 && variables < 256) return { config: { ...config, variables: Math.min(256, 2 * variables) }, remedy: `Take ${Math.min(256, 2 * variables)} variables and train twice as long; a VQ-VAE is sharper by nature.` };
  const hidden = number(config.hidden, 0);
  if (hidden >= 8 && hidden < 256) return { config: { ...config, hidden: 2 * hidden }, remedy: `Take a width of ${2 * hidden} and train twice as long.` };
  return null;
}

/** Held-out cost goes up and down by a tenth or more again and again. */
const instability: Rule = ({ metrics, history, run }) => {
  const by = costOf(metrics);
  const costs = history.filter((row) => row.split === 'validation').map((row) => by.cost(row)).filter(Number.isFinite).slice(-LOOKED_BACK);
  if (costs.length < 5) return null;
  const best = Math.max(Math.min(...costs.map(Math.abs)), 1e-9);
  const steps = costs.slice(1).map((cost, i) => (cost - costs[i]) / best);
  const rises = steps.filter((step, i) => step > 0.1 && steps.slice(i + 1).some((later) => later < -0.1)).length;
  if (rises < 2) return null;
  const { learningRate } = run.training;
  return {
    code: 'unstable',
    severity: 'warning',
    message: `Training jumps: the held-out error rose by more than a tenth ${rises} times of late and fell again.`,
    remedy: `Train with a learning rate of ${rounded(learningRate / 3)} and gradients clipped to norm 1.`,
    config: run.config,
    training: { learningRate: rounded(learningRate / 3), clipNorm: 1, warmupSteps: Math.max(200, run.training.warmupSteps) },
  };
};

/** Evaluations that jumps are looked for in. */
const LOOKED_BACK = 8;

/** The cost that held-out pictures are judged by, lower better. */
function costOf(metrics: Record<string, unknown>): { name: string; cost(row: Record<string, unknown>): number } {
  const name = ['elboNats', 'bitsPerCode', 'mse'].find((key) => metrics[key] !== undefined) ?? 'mse';
  return { name, cost: (row) => (name === 'elboNats' ? -1 : 1) * number(row[name], NaN) };
}

const rounded = (rate: number): number => Number(rate.toPrecision(2));

function narrower(config: Record<string, unknown>): Record<string, unknown> {
  const out = { ...config };
  for (const name of ['width', 'hidden']) if (typeof out[name] === 'number') out[name] = Math.max(8, 2 * Math.round((out[name] as number) / 4));
  return out;
}

/** What is looked for, and what is looked at: null where the model has no such thing. */
interface Check {
  title: string;
  rule: Rule;
  measure(evidence: Evidence): string | null;
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));
const has = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const checks: readonly Check[] = [
  { title: 'The latent is used', rule: posteriorCollapse, measure: ({ metrics, model }) => (has(metrics.klNats) ? `KL ${figure(metrics.klNats)} nats${has(metrics.activeUnits) && model.latent ? `, ${metrics.activeUnits} of ${model.latent.size} dimensions active` : ''}` : null) },
  { title: 'Choices stay open', rule: frozenChoices, measure: ({ metrics, run }) => (has(run.config.categories) && has(run.config.variables) && has(metrics.klNats) ? `KL ${figure(metrics.klNats)} of ${figure(run.config.variables * Math.log(run.config.categories))} nats` : null) },
  { title: 'Balance of reconstruction and KL', rule: imbalance, measure: ({ metrics, model }) => (model.latent?.kind === 'vector' && has(metrics.klNats) && has(metrics.reconstructionNats) ? `${figure(metrics.reconstructionNats)} against ${figure(metrics.klNats)} nats` : null) },
  { title: 'Codes in use', rule: deadCodes, measure: ({ metrics, model }) => (model.codeCounts && has(metrics.codesUsed) ? `${percent(metrics.codesUsed)} of the codebook` : null) },
  { title: 'Codes used evenly', rule: lowPerplexity, measure: ({ metrics, model }) => (model.latent?.kind === 'codes' && model.codeCounts && has(metrics.perplexity) ? `perplexity ${figure(metrics.perplexity)} of ${model.latent.codes}` : null) },
  { title: 'Variety of samples', rule: modeCollapse, measure: ({ metrics }) => (has(metrics.sampleCoverage) && has(metrics.klNats) ? `${percent(metrics.sampleCoverage)} of what the model can redraw` : null) },
  { title: 'Fine detail', rule: overSmoothing, measure: ({ metrics }) => (has(metrics.detailKept) ? `${percent(metrics.detailKept)} of the finest octave kept` : null) },
  {
    title: 'Nothing learned by heart', rule: overFitting,
    measure({ metrics, history }) {
      const { name, cost } = costOf(metrics);
      const past = history.filter((row) => Number.isFinite(cost(row)));
      if (past.length === 0) return null;
      const best = past.reduce((a, b) => (cost(b) < cost(a) ? b : a));
      return `${METRIC_WORDS[name] ?? name} best at step ${best.step} of ${past[past.length - 1].step}`;
    },
  },
  { title: 'Steady training', rule: instability, measure: ({ history }) => (history.length >= 2 ? `${history.length} evaluations` : null) },
];

const METRIC_WORDS: Record<string, string> = { elboNats: 'held-out bound', bitsPerCode: 'held-out bits per code', mse: 'held-out error' };

const rules: readonly Rule[] = checks.map((check) => check.rule);

/** Every check that goes with the model, whether it found something or not; says the same as `diagnose`, of the same evidence. */
export function checkUp(evidence: Evidence): HealthCheck[] {
  return checks.flatMap(({ title, rule, measure }) => {
    const measured = measure(evidence);
    const found = rule(evidence);
    if (measured === null && !found) return [];
    return [{ title, measured: measured ?? '', finding: found && { ...found, step: evidence.step } }];
  });
}

/** The finding that goes with a training that ended in NaN or infinity. */
export function divergence(step: number, what: string, run: Pick<RunInfo, 'config' | 'training'>): Diagnosis {
  const { learningRate } = run.training;
  return {
    code: 'diverged',
    severity: 'danger',
    message: `Training broke down at step ${step}: ${what}.`,
    remedy: `Start again with a learning rate of ${learningRate / 3 < 1e-5 ? (learningRate / 3).toExponential(1) : Number((learningRate / 3).toPrecision(2))} and gradients clipped to norm 1, or go on from the last checkpoint.`,
    config: run.config,
    training: { learningRate: rounded(learningRate / 3), clipNorm: 1 },
    step,
  };
}
