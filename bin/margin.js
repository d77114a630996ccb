#!/usr/bin/env node
import {
  becomeMargin,
  buildStep,
  checkNode,
  hasBuild,
  installStep,
  reportFailure,
  runSteps,
} from '../scripts/setup/steps.js'

/** `npx margin COMMAND` in a clone: builds first where that was not done, with words on standard error only. */

try {
  checkNode()
  const words = process.argv.slice(2)
  const asksForHelp =
    words.length === 0 || words[0] === 'help' || words.some((word) => /^(?:-h|--help)$/.test(word))
  // Help is printed by what is built, however old: nobody who asks how waits for a build.
  const steps = asksForHelp && hasBuild() ? [] : [installStep, buildStep].filter((step) => !step.done())
  await runSteps(steps)
  becomeMargin(words)
} catch (error) {
  reportFailure(error)
}
