import { quoted } from '../tables/duck.ts';
import { ExpressionError, parseExpression, type Expression } from './expression.ts';

export type ValueType = 'number' | 'text' | 'boolean' | 'time' | 'list';
export interface FilterColumn {
  name: string;
  type: ValueType;
}
export interface Filter {
  /** A condition over the table's columns with `$1`, `$2`, ... for the values. */
  sql: string;
  values: (number | string | boolean)[];
  /** Columns it asks for. */
  columns: string[];
}

interface Compiled {
  sql: string;
  type: ValueType;
}

/** Functions of one number or text: what they take, what they give, what the database calls them. */
const FUNCTIONS: Record<string, { takes: ValueType; gives: ValueType; sql: string }> = {
  abs: { takes: 'number', gives: 'number', sql: 'abs' },
  round: { takes: 'number', gives: 'number', sql: 'round' },
  floor: { takes: 'number', gives: 'number', sql: 'floor' },
  ceil: { takes: 'number', gives: 'number', sql: 'ceil' },
  sqrt: { takes: 'number', gives: 'number', sql: 'sqrt' },
  exp: { takes: 'number', gives: 'number', sql: 'exp' },
  ln: { takes: 'number', gives: 'number', sql: 'ln' },
  log10: { takes: 'number', gives: 'number', sql: 'log10' },
  lower: { takes: 'text', gives: 'text', sql: 'lower' },
  upper: { takes: 'text', gives: 'text', sql: 'upper' },
  trim: { takes: 'text', gives: 'text', sql: 'trim' },
  length: { takes: 'text', gives: 'number', sql: 'length' },
};
const TYPES: Record<ValueType, string> = { number: 'numbers', text: 'text', boolean: 'true or false', time: 'times', list: 'lists' };
/** Square roots and logarithms of what they are not defined for count as no value. */
const GUARDED: Record<string, (x: string) => string> = {
  sqrt: (x) => `CASE WHEN ${x} >= 0 THEN sqrt(${x}) END`,
  ln: (x) => `CASE WHEN ${x} > 0 THEN ln(${x}) END`,
  log10: (x) => `CASE WHEN ${x} > 0 THEN log10(${x}) END`,
};

/**
 * An expression as a condition for the database: names are looked up and quoted, values are bound, never written into it.
 * @throws ExpressionError with the place
 */
export function compileFilter(text: string, columns: readonly FilterColumn[]): Filter {
  const values: Filter['values'] = [];
  const used = new Set<string>();
  const bind = (value: number | string | boolean): string => {
    values.push(value);
    const cast = typeof value === 'number' ? 'DOUBLE' : typeof value === 'string' ? 'VARCHAR' : 'BOOLEAN';
    return `$${values.length}::${cast}`;
  };
  const column = (node: Extract<Expression, { kind: 'column' }>): Compiled => {
    const found = columns.find((c) => c.name === node.name) ?? columns.find((c) => c.name.toLowerCase() === node.name.toLowerCase());
    if (!found) {
      const near = nearNames(node.name, columns.map((c) => c.name));
      throw new ExpressionError(node, `there is no column "${node.name}".`, near.length > 0 ? `Did you mean ${near.join(' or ')}? Text goes between 'single' quotes.` : `There are: ${columns.slice(0, 20).map((c) => c.name).join(', ')}. Text goes between 'single' quotes.`, near);
    }
    used.add(found.name);
    return { sql: quoted(found.name), type: found.type };
  };
  const wanted = (node: Expression, type: ValueType, where: string): string => {
    const found = value(node);
    if (found.type === type) return found.sql;
    if (type === 'text' && found.type !== 'list') return `(${found.sql})::VARCHAR`;
    throw new ExpressionError(node, `${where} takes ${TYPES[type]}, and this is ${TYPES[found.type]}.`, type === 'number' ? 'Compare text with = or with "contains".' : 'Choose another column.');
  };
  /** Two sides of a comparison, brought to one type. */
  const pair = (a: Expression, b: Expression): [string, string, ValueType] => {
    const left = value(a), right = value(b);
    if (left.type === 'list' || right.type === 'list') throw new ExpressionError(left.type === 'list' ? a : b, 'lists cannot be compared.', 'Choose another column.');
    if (left.type === right.type) return [left.sql, right.sql, left.type];
    const [textNode, textSide, other] = left.type === 'text' ? [a, left, right] : [b, right, left];
    if (textSide.type !== 'text') throw new ExpressionError(b, `${TYPES[left.type]} and ${TYPES[right.type]} cannot be compared.`, 'Compare values of one kind.');
    if (other.type === 'time' && textNode.kind === 'text') return left.type === 'text' ? [`try_cast(${left.sql} AS TIMESTAMP)`, right.sql, 'time'] : [left.sql, `try_cast(${right.sql} AS TIMESTAMP)`, 'time'];
    // A column of text with numbers in it (classes "0", "1", ...) may be compared with a number, not a number with words.
    if (textNode.kind === 'text' && (textNode.value.trim() === '' || !Number.isFinite(Number(textNode.value)))) {
      throw new ExpressionError(textNode, `this is text, and it is compared with ${TYPES[other.type]}.`, `Write ${other.type === 'number' ? 'a number without quotes' : 'true or false'}.`);
    }
    return [`try_cast(${left.sql} AS DOUBLE)`, `try_cast(${right.sql} AS DOUBLE)`, 'number'];
  };
  const value = (node: Expression): Compiled => {
    switch (node.kind) {
      case 'number':
        return { sql: bind(node.value), type: 'number' };
      case 'text':
        return { sql: bind(node.value), type: 'text' };
      case 'boolean':
        return { sql: bind(node.value), type: 'boolean' };
      case 'column':
        return column(node);
      case 'negate':
        return { sql: `(-${wanted(node.of, 'number', '"-"')})`, type: 'number' };
      case 'arithmetic': {
        const a = wanted(node.left, 'number', `"${node.operator}"`), b = wanted(node.right, 'number', `"${node.operator}"`);
        // Whole numbers may overflow; dividing by nothing gives no value.
        return { sql: node.operator === '/' || node.operator === '%' ? `(${a}::DOUBLE ${node.operator} nullif(${b}::DOUBLE, 0))` : `(${a}::DOUBLE ${node.operator} ${b}::DOUBLE)`, type: 'number' };
      }
      case 'function': {
        const known = Object.hasOwn(FUNCTIONS, node.name) ? FUNCTIONS[node.name] : undefined;
        if (!known) throw new ExpressionError(node, `there is no function "${node.name}".`, `There are: ${Object.keys(FUNCTIONS).join(', ')}.`, nearNames(node.name, Object.keys(FUNCTIONS)));
        if (node.arguments.length !== 1) throw new ExpressionError(node, `${node.name} takes one value, not ${node.arguments.length}.`, `Write ${node.name}(column).`);
        const inner = wanted(node.arguments[0], known.takes, node.name);
        return { sql: GUARDED[node.name]?.(inner) ?? `${known.sql}(${inner})`, type: known.gives };
      }
      default:
        return { sql: condition(node), type: 'boolean' };
    }
  };
  const condition = (node: Expression): string => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return `(${condition(node.left)} ${node.kind.toUpperCase()} ${condition(node.right)})`;
      case 'not':
        return negated(condition(node.of));
      case 'null':
        return `(${value(node.of).sql} IS ${node.not ? 'NOT ' : ''}NULL)`;
      case 'compare': {
        const [a, b] = pair(node.left, node.right);
        return `(${a} ${node.operator} ${b})`;
      }
      case 'between': {
        const [a, low] = pair(node.left, node.low);
        const [same, high] = pair(node.left, node.high);
        const inside = `(${a} >= ${low} AND ${same} <= ${high})`;
        return node.not ? negated(inside) : inside;
      }
      case 'in': {
        const parts = node.among.map((one) => pair(node.left, one)).map(([a, b]) => `${a} = ${b}`);
        return node.not ? negated(parts.join(' OR ')) : `(${parts.join(' OR ')})`;
      }
      case 'match': {
        const where = `"${node.operator}"`;
        const a = wanted(node.left, 'text', where);
        const b = wanted(node.right, 'text', where);
        if (node.operator === 'matches') checkPattern(node.right);
        const sql = {
          like: `${a} LIKE ${b}`, ilike: `${a} ILIKE ${b}`, contains: `contains(lower(${a}), lower(${b}))`, 'starts with': `starts_with(lower(${a}), lower(${b}))`,
          'ends with': `ends_with(lower(${a}), lower(${b}))`, matches: `regexp_matches(${a}, ${b})`,
        }[node.operator];
        return node.not ? negated(sql) : `(${sql})`;
      }
      default: {
        const found = value(node);
        if (found.type === 'boolean') return found.sql;
        throw new ExpressionError(node, 'this is a value, not a condition.', 'Compare it with something, for example: kl > 3');
      }
    }
  };
  const sql = condition(parseExpression(text));
  return { sql, values, columns: [...used] };
}

/** A negation holds wherever the rest does not, also where a value is missing. */
const negated = (sql: string): string => `(NOT coalesce((${sql}), false))`;

function checkPattern(node: Expression): void {
  if (node.kind !== 'text') throw new ExpressionError(node, 'a pattern is given as text.', "Write for example: name matches '^a.*z$'");
  try {
    ''.search(new RegExp(node.value, 'u'));
  } catch {
    throw new ExpressionError(node, 'this pattern cannot be read.', 'Close its brackets, and put a \\ before signs that stand for themselves.');
  }
}

/** Names that begin alike or differ by a letter or two. */
function nearNames(name: string, names: readonly string[]): string[] {
  const low = name.toLowerCase();
  return names
    .map((n) => ({ n, far: n.toLowerCase().startsWith(low) ? 0 : distance(low, n.toLowerCase()) }))
    .filter(({ far }) => far <= (low.length < 4 ? 1 : Math.max(2, Math.floor(low.length / 3))))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ n }) => n);
}

/** Edits that turn one word into the other (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
