import { defineConfig } from 'vitest/config';

// One run for all packages: `.test.ts` is the fast lane, `.slow.test.ts` runs the real commands.
export default defineConfig({
  test: {
    projects: ['packages/*', 'tools/*', 'examples/*'],
    maxWorkers: 2,
  },
});
