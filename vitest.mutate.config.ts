import { readFileSync } from 'node:fs'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { mutated, type Mutant } from './scripts/mutation/mutants.js'

interface Asked {
  readonly path: string
  readonly mutant: Mutant | null
}
const asked = JSON.parse(process.env['MARGIN_MUTANT'] ?? '{"path":"","mutant":null}') as Asked

/** The tests of one file with one mistake in it, put in while the file is loaded (scripts/mutate.js). */
export default defineConfig({
  plugins: [
    {
      name: 'one mistake',
      enforce: 'pre',
      load(id) {
        const isAsked = asked.mutant !== null && id.split('?')[0] === asked.path
        return isAsked ? mutated(readFileSync(asked.path, 'utf8'), asked.mutant) : null
      },
    },
    vue(),
  ],
  test: {
    include: ['src/**/*.test.ts', 'test/laws/**/*.test.ts'],
    globalSetup: 'test/scratch.ts',
    testTimeout: 30_000,
    maxWorkers: 1,
  },
})
