// @ts-check
/**
 * `npm test`: everything, on a fresh clone too. `--long` adds the slow tests and the packaged application; `--only <word>` runs the
 * steps whose name contains the word; for "end", further words choose the files.
 */
import { bundle } from './bundle.mjs';
import { setUp } from './setup.mjs';
import { launch, Problem } from './setup/run.mjs';

const long = process.argv.includes('--long');
const at = process.argv.indexOf('--only');
const only = at < 0 ? '' : (process.argv[at + 1] ?? '');
const files = at < 0 ? [] : process.argv.slice(at + 2);

await launch(async () => {
  const electron = await setUp({ electron: true, browser: true });
  if (!electron) throw new Problem('There is no Electron to test with.');
  const { deadCode, endToEnd, layers, lint, runSteps, types, unit } = await import('./steps.mjs');
  /** @type {import('./steps.mjs').Step} */
  const bundles = { name: 'bundles', run: () => bundle().then(() => ({ passed: 1, failed: 0 })) };
  /** @type {string | undefined} */
  let packaged;
  /** @type {import('./steps.mjs').Step} */
  const packaging = {
    name: 'package',
    async run() {
      const { makePackage } = await import('./package.mjs');
      packaged = (await makePackage(electron)).executable;
      return { passed: 1, failed: 0 };
    },
  };
  /** @type {import('./steps.mjs').Step} */
  const windows = { name: 'end to end', run: () => endToEnd(electron, { long, packaged, only: files }).run() };
  const steps = [types, layers, lint, deadCode, unit(long), bundles, ...(long ? [packaging] : []), windows];
  return runSteps(steps.filter(({ name }) => name.includes(only) || (name === 'bundles' && windows.name.includes(only))));
});
