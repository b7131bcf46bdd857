// @ts-check
/** The steps of `npm run check` and `npm test`, each a function that shows what is wrong and returns counts. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/paths.mjs';
import { read, run, say } from './setup/run.mjs';

/** @typedef {{ passed: number, failed: number, skipped?: number }} Counts */
/** @typedef {{ name: string, run: () => Promise<Counts> }} Step */

/** @param {string} name a program of node_modules/.bin @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
const tool = (name, args, env) => run(process.execPath, [join(root, 'node_modules', binary(name)), ...args], { env: { ...process.env, ...env } });

/** @param {string} name */
function binary(name) {
  const known = {
    tsc: 'typescript/bin/tsc',
    'svelte-check': 'svelte-check/bin/svelte-check',
    oxlint: 'oxlint/bin/oxlint',
    knip: 'knip/bin/knip.js',
    vitest: 'vitest/vitest.mjs',
    playwright: '@playwright/test/cli.js',
  };
  return known[/** @type {keyof typeof known} */ (name)];
}

/** @param {boolean} ok @returns {Counts} */
const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

/** @type {Step} */
export const types = {
  name: 'types',
  async run() {
    const compiled = one((await tool('tsc', ['-b', '--pretty'])) === 0);
    const pages = one((await tool('svelte-check', ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'])) === 0);
    return { passed: compiled.passed + pages.passed, failed: compiled.failed + pages.failed };
  },
};

/** @type {Step} */
export const layers = {
  name: 'layers',
  async run() {
    const { checkLayers } = await import('./layers.mjs');
    const { files, violations } = await checkLayers(root);
    for (const { rule, from, to, comment } of violations) say(`  ${from} -> ${to}\n    ${rule}. ${comment}`);
    say(`${files} files, ${violations.length} imports against the layers.`);
    return one(violations.length === 0);
  },
};

/** @type {Step} */
export const lint = { name: 'lint', run: async () => one((await tool('oxlint', ['--deny-warnings'])) === 0) };

/** @type {Step} */
export const deadCode = { name: 'dead code', run: async () => one((await tool('knip', ['--config', 'build/knip.json', '--no-progress'])) === 0) };

/** @param {boolean} long @returns {Step} */
export const unit = (long) => ({
  name: 'unit and numerics',
  async run() {
    const report = freshReport('unit.json');
    const code = await tool('vitest', ['run', '--config', 'build/vitest.config.mjs', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], long ? { ATELIER_LONG_TESTS: '1' } : {});
    return counted(report, code, (result) => ({ passed: result.numPassedTests, failed: result.numFailedTests, skipped: result.numPendingTests + result.numTodoTests }));
  },
});

/**
 * @param {import('./setup/electron.mjs').ElectronChoice} electron
 * @param {{ long: boolean, packaged?: string, only?: string[] }} options `packaged`: an executable to drive as well
 * @returns {Step}
 */
export const endToEnd = (electron, { long, packaged, only = [] }) => ({
  name: 'end to end',
  async run() {
    const report = freshReport('end-to-end.json');
    const playwright = [join(root, 'node_modules', binary('playwright')), 'test', '-c', 'e2e/playwright.config.ts', ...only];
    const env = {
      ...process.env,
      ATELIER_ELECTRON: electron.executable,
      ...(packaged ? { ATELIER_PACKAGED: packaged } : {}),
      ...(long ? { ATELIER_LONG_TESTS: '1' } : {}),
    };
    // A display of its own, so that the tests neither need nor disturb a real one.
    const virtual = process.platform === 'linux' && !process.env.ATELIER_SHOW_TESTS && read('sh', ['-c', 'command -v xvfb-run']).ok;
    const code = virtual
      ? await run('xvfb-run', ['-a', '-s', '-screen 0 2048x1280x24', process.execPath, ...playwright], { env })
      : await run(process.execPath, playwright, { env });
    return counted(report, code, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }));
  },
});

/** @param {string} name */
function freshReport(name) {
  mkdirSync(join(root, 'test-results'), { recursive: true });
  const file = join(root, 'test-results', name);
  rmSync(file, { force: true });
  return file;
}

/**
 * Counts from a runner's report; a runner that failed without a failed test (it crashed, found no test) is one failure.
 * @param {string} report @param {number} code @param {(report: any) => Counts} count
 * @returns {Counts}
 */
function counted(report, code, count) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const counts = count(JSON.parse(readFileSync(report, 'utf8')));
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Runs all steps, tells how long each took, and closes with one line of counts.
 * @param {Step[]} steps
 * @returns {Promise<number>} an exit code
 */
export async function runSteps(steps) {
  const rows = [];
  for (const step of steps) {
    say(`\n== ${step.name}`);
    const begun = Date.now();
    const counts = await step.run();
    rows.push({ name: step.name, seconds: (Date.now() - begun) / 1000, ...counts });
  }
  say('');
  for (const { name, seconds, passed, failed, skipped } of rows) {
    say(`${failed ? 'FAILED' : 'ok    '} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(7)} s   ${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`);
  }
  const total = (/** @type {'passed' | 'failed'} */ key) => rows.reduce((sum, row) => sum + row[key], 0);
  process.stdout.write(`\n${total('passed')} passed, ${total('failed')} failed\n`);
  return total('failed') === 0 ? 0 : 1;
}
