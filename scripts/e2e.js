import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildStep, checkNode, installStep, reportFailure, root, runSteps } from './setup/steps.js'
import { chromiumStep, findChromium } from './setup/chromium.js'

/** `npm run e2e [-- vitest arguments]`: the built application in a real browser; pictures go to build/shots. */

try {
  checkNode()
  await runSteps([installStep, buildStep, chromiumStep])
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const result = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.e2e.config.ts', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, MARGIN_CHROMIUM: findChromium() ?? '' } },
  )
  process.exitCode = result.status ?? 1
} catch (error) {
  reportFailure(error)
}
