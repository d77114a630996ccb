import { defineConfig } from 'vitest/config'
import { bothDoors } from './scripts/scenarios.js'

/**
 * The scenarios through the application's own window, and what only a window can do. Of the scenarios, those that the
 * window could answer otherwise: it shares page, routes and figures with the browser door, which runs all of them.
 */
export default defineConfig({
  test: {
    include: ['test/window/**/*.test.ts', ...bothDoors.map((name) => `test/e2e/${name}.test.ts`)],
    env: { MARGIN_TEST_DOOR: 'window' },
    globalSetup: ['test/scratch.ts', 'test/screen.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
