// @ts-check
/** `npm run check`: types, layers, lint, dead code, unit tests; no window is opened. */
import { setUp } from './setup.mjs';
import { launch } from './setup/run.mjs';

await launch(async () => {
  await setUp();
  const { deadCode, layers, lint, runSteps, types, unit } = await import('./steps.mjs');
  return runSteps([types, layers, lint, deadCode, unit(false)]);
});
