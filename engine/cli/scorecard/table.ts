import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { duration, figure as shown } from '../table.ts';
import type { Figure, Reference } from './references.ts';
import { goalText, reached, type Result } from './result.ts';

export interface Row {
  reference: Reference;
  figure: Figure;
  result: Result;
  value: number;
}

export const valueText = (value: number, { unit }: Figure): string => `${shown(Number(value.toPrecision(4)))}${unit ? ` ${unit}` : ''}`;

const BEGIN = '<!-- scorecard: written by `atelier scorecard --write` -->';
const END = '<!-- scorecard ends -->';

/** The rows as a Markdown table. */
export function markdown(rows: readonly Row[]): string {
  const lines = rows.map(({ reference, figure, result, value }) => {
    const met = reached(figure, value);
    return [
      reference.title, figure.title, figure.published || '-', `${valueText(value, figure)}${met === false ? ' (not reached)' : ''}`, goalText(figure) || '-',
      `\`${reference.configuration}\`, ${result.steps} steps, seed ${result.seed}`, `${duration(result.seconds)} on ${result.device}`,
    ].join(' | ');
  });
  return ['| Run | Figure | Published | Ours | Goal | Configuration | Training |', '| --- | --- | --- | --- | --- | --- | --- |', ...lines.map((line) => `| ${line} |`)].join('\n');
}

/**
 * Puts the table between the marks of a Markdown file.
 * @throws AtelierError 'bad-data' when the file has no such marks
 */
export async function writeTable(path: string, rows: readonly Row[]): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new AtelierError('bad-data', `${path} has no place for the scorecard.`, `Put the lines "${BEGIN}" and "${END}" where the table is to stand.`);
  await writeFileAtomic(path, `${text.slice(0, from + BEGIN.length)}\n${markdown(rows)}\n${text.slice(to)}`);
}
