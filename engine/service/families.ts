import { z } from 'zod';
import type { FamilyInfo, PriorInfo } from '../../electron/contract/index.ts';
import type { Family } from '../models/define.ts';
import type { PriorFamily } from '../priors/index.ts';

/** The model families as forms and command lines need them. The model code is loaded when first asked for. */
export async function listFamilies(): Promise<FamilyInfo[]> {
  const { families } = await import('../models/index.ts');
  return (families as unknown as readonly Family[]).map((family) => ({ ...described(family), latent: family.latent, conditional: family.conditional, restyles: family.restyles }));
}

/** The kinds of prior over codes, likewise. */
export async function listPriors(): Promise<PriorInfo[]> {
  return (await import('../priors/index.ts')).priors.map(described);
}

function described(family: Family | PriorFamily): PriorInfo {
  const { kind, version, title, summary, schema, defaults, presets } = family;
  return {
    kind, version, title, summary, defaults,
    schema: z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>,
    presets: presets.map(({ id, title: presetTitle, summary: presetSummary, config, training }) => ({ id, title: presetTitle, summary: presetSummary, config, training })),
  };
}
