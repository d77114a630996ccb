import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/**
 * Two suites: `unit` (units and laws; quick, part of `npm run check`) and `conformance` (the program against data,
 * other programs, real processes, a database, kills). The built application in a browser has vitest.e2e.config.ts.
 */
export default defineConfig({
  plugins: [vue()],
  test: {
    globalSetup: 'test/scratch.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/laws/**/*.test.ts'] },
      },
      {
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts', 'test/bench/**/*.test.ts'] },
      },
    ],
  },
})
