// @ts-check
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const long = Boolean(process.env.ATELIER_LONG_TESTS);

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [svelte({ configFile: false })],
  test: {
    include: ['{engine,electron,renderer,build}/**/*.test.{ts,mjs}', ...(long ? ['engine/**/*.long.ts'] : [])],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
