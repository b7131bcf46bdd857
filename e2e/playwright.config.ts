import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  // What takes more than a minute belongs to `npm run test:long`.
  testMatch: process.env.ATELIER_LONG_TESTS ? ['**/*.e2e.ts', '**/*.long.ts'] : '**/*.e2e.ts',
  outputDir: '../test-results/playwright',
  reporter: [['list'], ['json', { outputFile: '../test-results/end-to-end.json' }]],
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: { actionTimeout: 20_000, trace: 'off' },
});
