// @ts-check
/** Checks the imports of a tree against layer-rules.mjs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { forbidden, options } from './layer-rules.mjs';

/**
 * @param {string} folder the tree's root
 * @returns {Promise<{ files: number, violations: { rule: string, from: string, to: string, comment: string }[] }>}
 */
export async function checkLayers(folder) {
  const parts = ['engine', 'electron', 'renderer', 'e2e'].filter((part) => existsSync(join(folder, part)));
  const { output } = await cruise(parts, { ...options, validate: true, ruleSet: { forbidden }, baseDir: folder });
  const { summary } = /** @type {import('dependency-cruiser').ICruiseResult} */ (output);
  return {
    files: summary.totalCruised,
    violations: summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
      comment: forbidden.find((each) => each.name === rule.name)?.comment ?? '',
    })),
  };
}
