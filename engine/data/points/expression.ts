/**
 * The small language in which points are chosen: `label = 'face' and kl > 3`, `not (split in ('test', 'train'))`,
 * `name contains 'cat'`, `x between -1 and 1`, `class is null`, `abs(z0) + 1 < 2`. It is parsed here, and only what was
 * understood goes on to the database (`expression-sql.ts`).
 */
import { AtelierError } from '../../core/errors.ts';

/** Where a node stands in the text, in characters. */
export interface Span {
  at: number;
  length: number;
}
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Matching = 'like' | 'ilike' | 'contains' | 'starts with' | 'ends with' | 'matches';
export type Expression = Span &
  (
    | { kind: 'number'; value: number }
    | { kind: 'text'; value: string }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'column'; name: string }
    | { kind: 'function'; name: string; arguments: Expression[] }
    | { kind: 'negate'; of: Expression }
    | { kind: 'arithmetic'; operator: '+' | '-' | '*' | '/' | '%'; left: Expression; right: Expression }
    | { kind: 'compare'; operator: Comparison; left: Expression; right: Expression }
    | { kind: 'match'; operator: Matching; not: boolean; left: Expression; right: Expression }
    | { kind: 'in'; not: boolean; left: Expression; among: Expression[] }
    | { kind: 'between'; not: boolean; left: Expression; low: Expression; high: Expression }
    | { kind: 'null'; not: boolean; of: Expression }
    | { kind: 'not'; of: Expression }
    | { kind: 'and' | 'or'; left: Expression; right: Expression }
  );

/** What is wrong with an expression, and where. */
export class ExpressionError extends AtelierError {
  readonly span: Span;
  readonly suggestions: string[];
  /** The message without the place. */
  readonly said: string;

  constructor(span: Span, said: string, remedy: string, suggestions: string[] = []) {
    super('bad-input', `Character ${span.at + 1} of the expression: ${said}`, remedy);
    this.span = span;
    this.said = said;
    this.suggestions = suggestions;
  }
}

interface Token extends Span {
  kind: 'number' | 'text' | 'word' | 'quoted' | 'sign' | 'end';
  text: string;
}

const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'between', 'is', 'null', 'like', 'ilike', 'contains', 'starts', 'ends', 'with', 'matches', 'true', 'false']);
const SIGNS = ['<=', '>=', '<>', '!=', '==', '&&', '||', '=', '<', '>', '(', ')', ',', '+', '-', '*', '/', '%', '!'];
const DEEPEST = 200;

/** @throws ExpressionError */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text);
  let next = 0;
  let depth = 0;
  const peek = (): Token => tokens[next];
  const is = (...words: string[]): boolean => peek().kind === 'word' && words.includes(peek().text.toLowerCase());
  const isSign = (...signs: string[]): boolean => peek().kind === 'sign' && signs.includes(peek().text);
  const take = (): Token => tokens[next++];
  const shown = (token: Token): string => (token.kind === 'end' ? 'the end' : `"${text.slice(token.at, token.at + token.length)}"`);
  const expected = (what: string, token = peek()): ExpressionError => new ExpressionError(token, `${what} was expected, not ${shown(token)}.`, 'An example: label = \'face\' and kl > 3');
  const sign = (wanted: string): Token => {
    if (!isSign(wanted)) throw expected(`"${wanted}"`);
    return take();
  };
  const word = (wanted: string): void => {
    if (!is(wanted)) throw expected(`"${wanted}"`);
    take();
  };
  const end = (): number => (next > 0 ? tokens[next - 1].at + tokens[next - 1].length : 0);
  const from = (at: number): Span => ({ at, length: end() - at });

  const or = (): Expression => {
    if (++depth > DEEPEST) throw new ExpressionError(peek(), 'the expression is nested too deep.', 'Write it with fewer brackets.');
    let left = and();
    while (is('or') || isSign('||')) {
      take();
      const right = and();
      left = { kind: 'or', left, right, ...from(left.at) };
    }
    depth--;
    return left;
  };
  const and = (): Expression => {
    let left = not();
    while (is('and') || isSign('&&')) {
      take();
      const right = not();
      left = { kind: 'and', left, right, ...from(left.at) };
    }
    return left;
  };
  const not = (): Expression => {
    if (!is('not') && !isSign('!')) return comparison();
    const { at } = take();
    if (++depth > DEEPEST) throw new ExpressionError(peek(), 'the expression is nested too deep.', 'Write it with fewer brackets.');
    const of = not();
    depth--;
    return { kind: 'not', of, ...from(at) };
  };
  const comparison = (): Expression => {
    const left = sum();
    const { at } = left;
    if (isSign('=', '==', '<>', '!=', '<', '<=', '>', '>=')) {
      const { text: given } = take();
      const operator = (given === '==' ? '=' : given === '!=' ? '<>' : given) as Comparison;
      const right = sum();
      return { kind: 'compare', operator, left, right, ...from(at) };
    }
    if (is('is')) {
      take();
      const negated = is('not');
      if (negated) take();
      word('null');
      return { kind: 'null', not: negated, of: left, ...from(at) };
    }
    const negated = is('not');
    if (negated) take();
    if (is('in')) {
      take();
      sign('(');
      const among = [sum()];
      while (isSign(',')) {
        take();
        among.push(sum());
      }
      sign(')');
      return { kind: 'in', not: negated, left, among, ...from(at) };
    }
    if (is('between')) {
      take();
      const low = sum();
      word('and');
      const high = sum();
      return { kind: 'between', not: negated, left, low, high, ...from(at) };
    }
    if (is('like', 'ilike', 'contains', 'matches', 'starts', 'ends')) {
      let operator = take().text.toLowerCase();
      if (operator === 'starts' || operator === 'ends') {
        word('with');
        operator += ' with';
      }
      const right = sum();
      return { kind: 'match', operator: operator as Matching, not: negated, left, right, ...from(at) };
    }
    if (negated) throw expected('"in", "between", "like" or "contains" after "not"');
    return left;
  };
  const sum = (): Expression => {
    let left = product();
    while (isSign('+', '-')) {
      const operator = take().text as '+' | '-';
      const right = product();
      left = { kind: 'arithmetic', operator, left, right, ...from(left.at) };
    }
    return left;
  };
  const product = (): Expression => {
    let left = unary();
    while (isSign('*', '/', '%')) {
      const operator = take().text as '*' | '/' | '%';
      const right = unary();
      left = { kind: 'arithmetic', operator, left, right, ...from(left.at) };
    }
    return left;
  };
  const unary = (): Expression => {
    if (!isSign('-')) return primary();
    const { at } = take();
    if (++depth > DEEPEST) throw new ExpressionError(peek(), 'the expression is nested too deep.', 'Write it with fewer signs.');
    const of = unary();
    depth--;
    return { kind: 'negate', of, ...from(at) };
  };
  const primary = (): Expression => {
    const token = peek();
    const span = { at: token.at, length: token.length };
    if (token.kind === 'number') {
      take();
      return { kind: 'number', value: Number(token.text), ...span };
    }
    if (token.kind === 'text') {
      take();
      return { kind: 'text', value: token.text, ...span };
    }
    if (token.kind === 'quoted') {
      take();
      return { kind: 'column', name: token.text, ...span };
    }
    if (isSign('(')) {
      take();
      const inner = or();
      sign(')');
      return inner;
    }
    if (is('true', 'false')) return { kind: 'boolean', value: take().text.toLowerCase() === 'true', ...span };
    if (token.kind !== 'word' || KEYWORDS.has(token.text.toLowerCase())) throw expected('A column or a value');
    take();
    if (!isSign('(')) return { kind: 'column', name: token.text, ...span };
    take();
    const given: Expression[] = [];
    if (!isSign(')')) {
      given.push(sum());
      while (isSign(',')) {
        take();
        given.push(sum());
      }
    }
    sign(')');
    return { kind: 'function', name: token.text.toLowerCase(), arguments: given, at: token.at, length: end() - token.at };
  };

  if (peek().kind === 'end') throw new ExpressionError({ at: 0, length: 0 }, 'it is empty.', 'Write for example: label = \'face\' and kl > 3');
  const whole = or();
  if (peek().kind !== 'end') throw expected('"and", "or" or the end');
  return whole;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const push = (kind: Token['kind'], length: number, content: string): void => {
    tokens.push({ kind, text: content, at, length });
    at += length;
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    const number = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.])/.exec(rest);
    const word = /^[\p{L}_][\p{L}\p{N}_.]*/u.exec(rest);
    const sign = SIGNS.find((s) => rest.startsWith(s));
    if (number) push('number', number[0].length, number[0]);
    else if (word) push('word', word[0].length, word[0]);
    else if (rest[0] === "'" || rest[0] === '"' || rest[0] === '`') {
      const mark = rest[0];
      let to = 1;
      let content = '';
      for (; to < rest.length; to++) {
        if (rest[to] !== mark) content += rest[to];
        else if (rest[to + 1] === mark) content += rest[to++];
        else break;
      }
      if (to >= rest.length) throw new ExpressionError({ at, length: rest.length }, `the ${mark === "'" ? 'text' : 'name'} that begins here has no end.`, `Close it with ${mark}; a ${mark} inside is written twice.`);
      push(mark === "'" ? 'text' : 'quoted', to + 1, content);
    } else if (sign) push('sign', sign.length, sign);
    else throw new ExpressionError({ at, length: 1 }, `"${rest[0]}" has no meaning here.`, 'Text goes between \'single\' quotes, names with spaces between "double" ones.');
  }
  tokens.push({ kind: 'end', text: '', at: text.length, length: 0 });
  return tokens;
}
