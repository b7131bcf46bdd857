import { z } from 'zod';
import type { FamilyInfo } from '../../electron/contract/index.ts';
import type { Family } from '../models/define.ts';

/** The model families as forms and command lines need them. The model code is loaded when first asked for. */
export async function listFamilies(): Promise<FamilyInfo[]> {
  const { families } = await import('../models/index.ts');
  return (families as unknown as readonly Family[]).map((family) => ({
    kind: family.kind,
    version: family.version,
    title: family.title,
    summary: family.summary,
    schema: z.toJSONSchema(family.schema, { io: 'input' }) as Record<string, unknown>,
    defaults: family.defaults,
    presets: family.presets.map(({ id, title, summary, config, training }) => ({ id, title, summary, config, training })),
    latent: family.latent,
    conditional: family.conditional,
  }));
}
