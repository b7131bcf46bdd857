import { z } from 'zod';
import { field, parseSettings } from '../core/settings.ts';
import { withDenoising } from './denoising.ts';
import type { Family, ImageSpec, Model, Preset } from './define.ts';

interface Definition<S extends z.ZodObject> {
  kind: string;
  version: number;
  title: string;
  summary: string;
  latent: 'vector' | 'codes';
  conditional?: boolean;
  restyles?: boolean;
  /** Every field has a default, a title in its metadata and a description. */
  schema: S;
  presets: Preset<z.output<S>>[];
  tiny: Partial<z.output<S>>;
  build(config: z.output<S>, input: ImageSpec): Model;
}

/** What every family can be set to. */
const common = {
  denoise: field(z.number().min(0).max(1).default(0), 'Denoise', 'Standard deviation of noise laid over the pictures in training, which the model learns to take off again; 0 is off. 0.1 is a grainy photograph.'),
};
type Common = { denoise: number };

/** Defines a family; the defaults are those of its schema's fields. */
export function defineModel<S extends z.ZodObject>(definition: Definition<S>): Family<z.output<S> & Common> {
  const schema = definition.schema.extend(common);
  const parse = (config: Record<string, unknown>) => parseSettings(definition.title, schema, config) as z.output<S> & Common;
  return {
    ...definition,
    conditional: definition.conditional ?? false,
    restyles: definition.restyles ?? false,
    schema: schema as unknown as z.ZodType<z.output<S> & Common>,
    presets: definition.presets as Preset<z.output<S> & Common>[],
    tiny: definition.tiny as Partial<z.output<S> & Common>,
    build: (config, input) => withDenoising(definition.build(config, input), config.denoise),
    defaults: parse({}),
    parse,
  };
}
