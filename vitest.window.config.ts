import { defineConfig } from 'vitest/config'

/**
 * The scenarios through the application's own window, and what only a window can do. Of the scenarios, those that the
 * window could answer otherwise: it shares page, routes and figures with the browser door, which runs all of them.
 */
export default defineConfig({
  test: {
    include: [
      'test/window/**/*.test.ts',
      'test/e2e/{smoke,built-in-case,read-lidc,read-fundus,annotate}.test.ts',
    ],
    env: { MARGIN_TEST_DOOR: 'window' },
    globalSetup: ['test/scratch.ts', 'test/screen.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
