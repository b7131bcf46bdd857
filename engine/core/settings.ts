import type { z } from 'zod';
import { AtelierError } from './errors.ts';

/** A field's title and explanation, for the form and for `--help`. */
export const field = <T extends z.ZodType>(schema: T, title: string, description: string): T => schema.describe(description).meta({ title, description }) as T;

/**
 * Parses and completes a partial configuration; settings that the schema does not know are refused.
 * @param title of what is configured, for messages
 * @throws AtelierError 'bad-input' naming the setting
 */
export function parseSettings<S extends z.ZodObject>(title: string, schema: S, config: Record<string, unknown>): z.output<S> {
  const result = schema.strict().safeParse(config);
  if (result.success) return result.data as z.output<S>;
  const issue = result.error.issues[0];
  const where = issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'configuration');
  throw new AtelierError('bad-input', `${title}: setting '${where}': ${issue.message}.`, `Correct the setting; known ones are ${Object.keys(schema.shape).join(', ')}.`);
}
