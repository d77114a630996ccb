import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { root } from './setup/steps.js'

/** `npm run types`: every runtime against its own library, two compilers at a time at most. */

/** vue-tsc where .vue files are reached, tsc elsewhere. */
const compilers = [
  { compiler: ['vue-tsc', 'bin', 'vue-tsc.js'], project: 'tsconfig.test.json' },
  { compiler: ['vue-tsc', 'bin', 'vue-tsc.js'], project: 'tsconfig.renderer.json' },
  { compiler: ['typescript', 'bin', 'tsc'], project: 'tsconfig.main.json' },
  { compiler: ['typescript', 'bin', 'tsc'], project: 'tsconfig.core.json' },
  { compiler: ['typescript', 'bin', 'tsc'], project: 'tsconfig.preload.json' },
]

/**
 * @param {{ readonly compiler: readonly string[], readonly project: string }} job
 * @returns {Promise<boolean>}
 */
function compiles({ compiler, project }) {
  const script = join(root, 'node_modules', ...compiler)
  const child = spawn(process.execPath, [script, '--noEmit', '-p', project], { cwd: root, stdio: 'inherit' })
  return new Promise((ended) => {
    child.on('exit', (code) => {
      ended(code === 0)
    })
  })
}

const waiting = [...compilers]
const lanes = Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
  let sound = true
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const compiled = await compiles(job)
    if (!compiled) process.stderr.write(`types: ${job.project} has errors\n`)
    sound &&= compiled
  }
  return sound
})
const results = await Promise.all(lanes)
process.exitCode = results.every(Boolean) ? 0 : 1
