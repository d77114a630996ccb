#!/usr/bin/env node
import {
  becomeMargin,
  buildStep,
  checkNode,
  installStep,
  reportFailure,
  runSteps,
} from '../scripts/setup/steps.js'

/** `npx margin COMMAND` in a clone: builds first where that was not done, with words on standard error only. */

try {
  checkNode()
  const steps = [installStep, buildStep].filter((step) => !step.done())
  await runSteps(steps)
  becomeMargin(process.argv.slice(2))
} catch (error) {
  reportFailure(error)
}
