// @ts-check
/**
 * Who may import whom, as docs and newcomers should be able to trust it; `build/layers.mjs` checks it in `npm run check`.
 * A folder may always import itself.
 */
/** @type {Record<string, string[]>} */
const below = {
  core: [],
  graph: ['core'],
  device: ['core', 'graph'],
  nn: ['core', 'graph', 'device'],
  models: ['core', 'graph', 'device', 'nn'],
  priors: ['core', 'graph', 'device', 'nn'],
  audio: ['core'],
  image: ['core'],
  projection: ['core'],
  metrics: ['core'],
  store: ['core'],
  data: ['core', 'image', 'audio', 'store'],
  training: ['core', 'graph', 'device', 'nn', 'models', 'priors', 'store', 'metrics', 'projection', 'image', 'audio'],
};
below.service = Object.keys(below);
below.cli = Object.keys(below);

/** Layers of the engine that speak the contract's types. */
const speakContract = ['image', 'store', 'data', 'training', 'service', 'cli'];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const engineRules = Object.entries(below).map(([layer, allowed]) => ({
  name: `engine/${layer}`,
  comment: `engine/${layer} may import only: ${[layer, ...allowed].join(', ')}${speakContract.includes(layer) ? ', electron/contract' : ''}.`,
  severity: 'error',
  from: { path: `^engine/${layer}/` },
  to: {
    path: '^(engine|electron|renderer|e2e|build)/',
    pathNot: [`^engine/(${[layer, ...allowed].join('|')})/`, ...(speakContract.includes(layer) ? ['^electron/contract/'] : [])],
  },
}));

/** @returns {import('dependency-cruiser').IForbiddenRuleType} */
const rule = (/** @type {string} */ name, /** @type {object} */ from, /** @type {object} */ to) => ({ name, comment: `${name}: see build/layer-rules.mjs`, severity: 'error', from, to });
const ours = '^(engine|electron|renderer|e2e|build)/';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
export const forbidden = [
  ...engineRules,
  rule('contract imports nothing of ours', { path: '^electron/contract/' }, { path: ours, pathNot: '^electron/contract/' }),
  rule('main imports only the contract', { path: '^electron/main/' }, { path: ours, pathNot: '^electron/(main|contract)/' }),
  rule('preload imports only the contract', { path: '^electron/preload/' }, { path: ours, pathNot: '^electron/(preload|contract)/' }),
  rule('host imports the service and the contract', { path: '^electron/host/' }, { path: ours, pathNot: '^(electron/(host|contract)|engine/(service|core))/' }),
  rule('renderer imports only the contract', { path: '^renderer/' }, { path: ours, pathNot: '^(renderer|electron/contract)/' }),
  rule('end-to-end tests import only the contract', { path: '^e2e/' }, { path: ours, pathNot: '^(e2e|electron/contract|build/setup)/' }),
  rule('only main and preload know electron', { path: ours, pathNot: '^(electron/(main|preload)|e2e|build)/' }, { path: '(^|/)node_modules/electron/|^electron$', dependencyTypesNot: ['type-only'] }),
  rule('the engine knows no interface library', { path: '^engine/' }, { path: 'node_modules/(svelte|three|bits-ui|vite)/' }),
  rule('the page knows no Node', { path: '^(renderer|electron/contract)/', pathNot: '\\.test\\.ts$' }, { dependencyTypes: ['core'] }),
  rule('programs know no tests', { pathNot: '\\.(test|test-support|e2e)\\.(ts|mjs)$' }, { path: '\\.(test|test-support|e2e)\\.(ts|mjs)$' }),
  rule('no cycles', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
  rule('no unresolved imports', { path: ours }, { couldNotResolve: true, pathNot: '^(svelte/|virtual:|@lucide/svelte/icons/|@tensorflow/tfjs-node-gpu)' }),
  rule('every package is declared', { path: ours }, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
];

/** @type {import('dependency-cruiser').ICruiseOptions} */
export const options = {
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '^(dist|release|test-results)/' },
  tsPreCompilationDeps: true,
  combinedDependencies: true,
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['svelte', 'import', 'node', 'default', 'types'], mainFields: ['module', 'main', 'types'] },
};
