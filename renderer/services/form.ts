/** A form that follows from a family's JSON Schema. */

export interface FormField {
  key: string;
  title: string;
  description: string;
  kind: 'integer' | 'number' | 'boolean' | 'enum' | 'text' | 'list';
  /** Limits of a number; undefined where the schema sets none. */
  min?: number;
  max?: number;
  step?: number;
  /** Slider runs over powers of ten, for quantities that span more than three of them. */
  logarithmic: boolean;
  options: (string | number)[];
  /** Whether "none" is a value. */
  nullable: boolean;
  value: unknown;
}

type Schema = Record<string, unknown>;

/** Takes `anyOf: [X, null]` and `allOf: [X]` apart. */
function unwrap(schema: Schema): { schema: Schema; nullable: boolean } {
  const anyOf = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (anyOf) {
    const rest = anyOf.filter((s) => s.type !== 'null');
    if (rest.every((s) => 'const' in s)) return { schema: { ...schema, enum: rest.map((s) => s.const) }, nullable: rest.length < anyOf.length };
    if (rest.length === 1) return { schema: { ...rest[0], ...schema, type: rest[0].type }, nullable: rest.length < anyOf.length };
    return { schema: { ...rest[0], ...schema, type: rest[0].type, enum: rest.flatMap((s) => (s.enum as unknown[]) ?? []) }, nullable: rest.length < anyOf.length };
  }
  if (Array.isArray(schema.type)) {
    const types = (schema.type as string[]).filter((t) => t !== 'null');
    return { schema: { ...schema, type: types[0] }, nullable: types.length < schema.type.length };
  }
  return { schema, nullable: false };
}

/** Numbers like 9007199254740991 are "no limit" written by a schema library. */
const limit = (n: unknown): number | undefined => (typeof n === 'number' && Math.abs(n) < 1e12 ? n : undefined);

/**
 * @param schema JSON Schema of type object
 * @param config current values; a key that is missing shows the schema's default
 * @returns one field a property, in the schema's order; properties that no form can show are left out
 */
export function formFields(schema: Record<string, unknown>, config: Record<string, unknown>): FormField[] {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const fields: FormField[] = [];
  for (const [key, raw] of Object.entries(properties)) {
    const { schema: s, nullable } = unwrap(raw);
    if ('const' in s) continue;
    const options = ((s.enum as (string | number)[] | undefined) ?? []).filter((o) => o !== null);
    const kind = options.length
      ? 'enum'
      : s.type === 'integer' || s.type === 'number' || s.type === 'boolean'
        ? s.type
        : s.type === 'string'
          ? 'text'
          : s.type === 'array' && ['integer', 'number'].includes(String((s.items as Schema | undefined)?.type))
            ? 'list'
            : null;
    if (!kind) continue;
    const exclusiveMin = limit(s.exclusiveMinimum);
    const min = limit(s.minimum) ?? (exclusiveMin === undefined ? undefined : kind === 'integer' ? exclusiveMin + 1 : exclusiveMin);
    const max = limit(s.maximum) ?? limit(s.exclusiveMaximum);
    const value = key in config ? config[key] : raw.default;
    const logarithmic = kind === 'number' ? max !== undefined && min !== undefined && (min > 0 ? max / min >= 1000 : false) : kind === 'integer' && min !== undefined && max !== undefined && min > 0 && max / min >= 64;
    fields.push({
      key,
      title: (raw.title as string) ?? (s.title as string) ?? words(key),
      description: (raw.description as string) ?? (s.description as string) ?? '',
      kind,
      min,
      max,
      step: limit(s.multipleOf) ?? (kind === 'integer' ? 1 : kind === 'number' ? niceStep(min, max) : undefined),
      logarithmic,
      options,
      nullable,
      value: value === undefined ? (nullable ? null : undefined) : value,
    });
  }
  return fields;
}

/** `codebookSize` -> "Codebook size" */
export function words(key: string): string {
  const text = key.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`).replace(/[_-]+/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** About a hundredth of the range, as 1, 2 or 5 times a power of ten. */
export function niceStep(min?: number, max?: number): number {
  if (min === undefined || max === undefined || max <= min) return 0.01;
  const rough = (max - min) / 100;
  const power = 10 ** Math.floor(Math.log10(rough));
  const m = rough / power;
  return Number(((m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10) * power).toPrecision(3));
}

/** Parses what was typed into a list field: "64, 128 256" -> [64, 128, 256]; null when a part is no number. */
export function parseList(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean).map(Number);
  return parts.some((n) => !Number.isFinite(n)) ? null : parts;
}

/** Keys of `config` whose values differ from `base`. */
export function changedKeys(base: Record<string, unknown>, config: Record<string, unknown>): string[] {
  return Object.keys(config).filter((key) => JSON.stringify(config[key]) !== JSON.stringify(base[key]));
}
