import { defineConfig } from 'vitest/config'

/** The built application in a real browser, one scenario after another: they share two processor cores and a screen. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: 'test/scratch.ts',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
