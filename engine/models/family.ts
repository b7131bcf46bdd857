import type { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import type { Family, ImageSpec, Model, Preset } from './define.ts';

interface Definition<S extends z.ZodObject> {
  kind: string;
  version: number;
  title: string;
  summary: string;
  latent: 'vector' | 'codes';
  /** Every field has a default, a title in its metadata and a description. */
  schema: S;
  presets: Preset<z.output<S>>[];
  tiny: Partial<z.output<S>>;
  build(config: z.output<S>, input: ImageSpec): Model;
}

/** Defines a family; the defaults are those of its schema's fields. */
export function defineModel<S extends z.ZodObject>(definition: Definition<S>): Family<z.output<S>> {
  const strict = definition.schema.strict();
  const parse = (config: Record<string, unknown>): z.output<S> => {
    const result = strict.safeParse(config);
    if (result.success) return result.data as z.output<S>;
    const issue = result.error.issues[0];
    const where = issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'configuration');
    throw new AtelierError('bad-input', `${definition.title}: setting '${where}': ${issue.message}.`, `Correct the setting; known ones are ${Object.keys(definition.schema.shape).join(', ')}.`);
  };
  return { ...definition, schema: definition.schema as unknown as z.ZodType<z.output<S>>, defaults: parse({}), parse };
}

/** A field's title and explanation, for the form and for `--help`. */
export const field = <T extends z.ZodType>(schema: T, title: string, description: string): T => schema.describe(description).meta({ title, description }) as T;
