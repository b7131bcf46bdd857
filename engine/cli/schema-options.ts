import { InvalidArgumentError, Option, type Command } from 'commander';

/** The parts of a JSON Schema that families and plans use. */
interface Property {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Property[];
  items?: Property;
  title?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
}

/** Stands for null, which commander would make an empty text of. */
const none = Symbol('none');

const kebab = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/**
 * Adds an option for each property of a JSON Schema of an object: `codeSize` becomes `--code-size <integer>`.
 * @param taken names of options that mean something else; such a property gets `--model-<name>`
 * @returns what picks these settings out of the parsed options, leaving out those not given
 */
export function addSchemaOptions(
  command: Command,
  schema: { properties?: Record<string, unknown> },
  options: { group: string; defaults?: Record<string, unknown>; taken?: ReadonlySet<string>; only?: (name: string) => boolean },
): (parsed: Record<string, unknown>) => Record<string, unknown> {
  const attributes: [attribute: string, name: string][] = [];
  for (const [name, raw] of Object.entries(schema.properties ?? {})) {
    if (options.only && !options.only(name)) continue;
    const property = raw as Property;
    const flag = options.taken?.has(name) ? `model-${kebab(name)}` : kebab(name);
    const shown = options.defaults?.[name] ?? property.default;
    const text = [property.description ?? property.title ?? '', shown === undefined ? '' : `(default: ${JSON.stringify(shown)})`].filter(Boolean).join(' ');
    for (const option of optionsOf(flag, property, text)) {
      command.addOption(option.helpGroup(options.group));
      if (!option.negate) attributes.push([option.attributeName(), name]);
    }
  }
  return (parsed) => Object.fromEntries(attributes.filter(([attribute]) => parsed[attribute] !== undefined).map(([attribute, name]) => [name, parsed[attribute] === none ? null : parsed[attribute]]));
}

function optionsOf(flag: string, property: Property, text: string): Option[] {
  if (property.type === 'boolean') return [new Option(`--${flag}`, text), new Option(`--no-${flag}`)];
  const choices = choicesOf(property);
  if (choices) {
    const texts = choices.map(String);
    return [
      new Option(`--${flag} <${texts.join('|')}>`, text).argParser((value) => {
        const at = texts.indexOf(value);
        if (at < 0) throw new InvalidArgumentError(`Choose one of ${texts.join(', ')}.`);
        return choices[at];
      }),
    ];
  }
  const nullable = property.anyOf?.some((part) => part.type === 'null') ?? false;
  const core = property.anyOf?.find((part) => part.type !== 'null') ?? property;
  if (core.type === 'array') {
    return [new Option(`--${flag} <list>`, text).argParser((value) => value.split(',').map((part) => scalar(part.trim(), core.items ?? {})))];
  }
  const kind = core.type === 'integer' || core.type === 'number' ? core.type : 'text';
  return [new Option(`--${flag} <${kind}${nullable ? '|none' : ''}>`, text).argParser((value) => (nullable && value === 'none' ? none : scalar(value, core)))];
}

/** Constants of an enum or of a union of literals. */
function choicesOf(property: Property): unknown[] | null {
  if (property.enum) return property.enum;
  if (property.anyOf?.length && property.anyOf.every((part) => part.const !== undefined)) return property.anyOf.map((part) => part.const);
  return null;
}

function scalar(text: string, property: Property): unknown {
  if (property.type !== 'integer' && property.type !== 'number') return text;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  if (property.type === 'integer' && !Number.isInteger(value)) throw new InvalidArgumentError('It is not a whole number.');
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = property;
  if (value < minimum || value <= exclusiveMinimum) throw new InvalidArgumentError(`The least is ${minimum > exclusiveMinimum ? minimum : `above ${exclusiveMinimum}`}.`);
  if (value > maximum || value >= exclusiveMaximum) throw new InvalidArgumentError(`The most is ${maximum < exclusiveMaximum ? maximum : `below ${exclusiveMaximum}`}.`);
  return value;
}

/** For options written by hand: a whole number within bounds. */
export const whole = (minimum = 0, maximum = Number.MAX_SAFE_INTEGER) => (text: string): number => scalar(text, { type: 'integer', minimum, maximum }) as number;
/** For options written by hand: a number within bounds. */
export const number = (minimum = -Infinity, maximum = Infinity) => (text: string): number => scalar(text, { type: 'number', minimum, maximum }) as number;
/** Whole numbers and ranges: `1,4,10-12`. */
export function indexList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const range = /^(\d+)-(\d+)$/.exec(part.trim());
    if (!range) return [whole()(part.trim())];
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (to < from || to - from > 100_000) throw new InvalidArgumentError(`The range ${part} is upside down or too long.`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
