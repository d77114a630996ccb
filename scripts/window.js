import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { electronStep, windowAbsent } from './setup/electron.js'
import { buildStep, checkNode, installStep, reportFailure, root, runSteps } from './setup/steps.js'

/** `npm run window [-- vitest arguments]`: the built application in its own window; pictures go to build/shots. */

try {
  checkNode()
  await runSteps([installStep, buildStep, electronStep])
  if (windowAbsent() === null) {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const args = [vitest, 'run', '--config', 'vitest.window.config.ts', ...process.argv.slice(2)]
    process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
  }
} catch (error) {
  reportFailure(error)
}
