import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { announcement } from './setup/announce.js'
import { chromiumStep, findChromium, validatorStep } from './setup/chromium.js'
import { pytestCounts, sum, vitestCounts } from './counts.js'
import { packageAbsent, QUICK } from './packaging/packed.js'
import { electronStep, findElectron, windowAbsent } from './setup/electron.js'
import { orthancStep } from './setup/orthanc.js'
import { postgresStep } from './setup/postgres.js'
import { python, pythonStep } from './setup/python.js'
import { doorWords } from './scenarios.js'
import { straceStep } from './setup/strace.js'
import { buildStep, checkNode, folder, installStep, reportFailure, root, runSteps } from './setup/steps.js'

/** `npm test`: sets everything up, then runs every check and test. The closing line counts them all. */

/** @typedef {import('./counts.js').Counts} Counts */
/**
 * @typedef {{
 *   readonly name: string,
 *   readonly program: string,
 *   readonly args: readonly string[],
 *   readonly cwd?: string,
 *   readonly live?: boolean,
 *   readonly count: (succeeded: boolean) => Counts,
 * }} Part
 */

/** Parts that run beside each other. Each keeps about one processor core busy, and none compares speeds. */
const LANES = 2

/** A check counts as one test. @type {Part['count']} */
const asOne = (succeeded) => ({ passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 })

/**
 * A runner that reports no failure and still ends badly (a leak, a crash at the end) has failed.
 *
 * @param {(path: string) => Counts} read
 * @param {string} report
 * @returns {Part['count']}
 */
const fromReport = (read, report) => (succeeded) => {
  const counts = read(report)
  return !succeeded && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/**
 * Runs a part to its end. What a live part says is shown as it comes, each line behind the part's name, since two parts
 * run beside each other; of the others it is shown when they fail.
 *
 * @param {Part} part
 * @returns {Promise<Counts>}
 */
async function run(part) {
  const started = Date.now()
  process.stdout.write(`begun  ${part.name}\n`)
  const child = spawn(part.program, part.args, {
    cwd: part.cwd ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, MARGIN_CHROMIUM: findChromium() ?? '', MARGIN_PYTHON: python },
  })
  /** @type {string[]} */
  const kept = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      if (part.live === true) process.stdout.write(`${part.name} | ${line}\n`)
      else kept.push(line)
    })
  const succeeded = await new Promise((ended) => {
    child.on('error', () => {
      ended(false)
    })
    child.on('close', (code) => {
      ended(code === 0)
    })
  })
  const counts = part.count(succeeded)
  if (!succeeded && kept.length > 0) process.stdout.write(`\n== ${part.name}\n${kept.join('\n')}\n`)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${succeeded ? 'ok    ' : 'FAILED'} ${part.name}: ${words(counts)} in ${seconds} s\n`)
  return counts
}

/** @param {Counts} counts */
function words({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** @param {readonly string[]} path @returns {string} */
const script = (...path) => join(root, 'node_modules', ...path)
const node = process.execPath
const trainer = join(root, 'trainer')

/** @param {string} reports folder @returns {Part} */
const trainerSuite = (reports) => {
  const junit = join(reports, 'pytest.xml')
  return {
    name: 'trainer',
    program: python,
    args: ['-m', 'pytest', '-q', `--junitxml=${junit}`],
    cwd: trainer,
    count: fromReport(pytestCounts, junit),
  }
}

/** @type {Part} */
const lint = {
  name: 'lint',
  program: node,
  // With more room for young objects, less time goes on collecting them.
  args: ['--max-semi-space-size=128', script('eslint', 'bin', 'eslint.js'), '.'],
  count: asOne,
}
/** @type {readonly Part[]} */
const checks = [
  { name: 'types', program: node, args: [join(root, 'scripts', 'types.js')], count: asOne },
  {
    name: 'format',
    program: node,
    args: [script('prettier', 'bin', 'prettier.cjs'), '--check', '.'],
    count: asOne,
  },
  { name: 'ruff', program: python, args: ['-m', 'ruff', 'check', '.'], cwd: trainer, count: asOne },
  {
    name: 'ruff format',
    program: python,
    args: ['-m', 'ruff', 'format', '--check', '.'],
    cwd: trainer,
    count: asOne,
  },
  { name: 'mypy', program: python, args: ['-m', 'mypy'], cwd: trainer, count: asOne },
]

/**
 * One file after another: a suite waits about as long as it computes, so that two parts fill two processor cores.
 *
 * @param {string} reports folder
 * @param {string} name
 * @param {readonly string[]} more
 * @returns {Part}
 */
const vitest = (reports, name, more) => ({
  name,
  program: node,
  args: [
    script('vitest', 'vitest.mjs'),
    'run',
    '--maxWorkers=1',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, `${name}.json`)}`,
    ...more,
  ],
  live: true,
  count: fromReport(vitestCounts, join(reports, `${name}.json`)),
})

/** The package as it is handed on but for its compression: made, installed, drawn with, removed. @type {readonly Part[]} */
const installed = ['package.js', 'test-package.js'].map((name) => ({
  name: `npm run ${name === 'package.js' ? 'package' : 'test:package'} -- ${QUICK}`,
  program: node,
  args: [join(root, 'scripts', name), QUICK],
  count: asOne,
}))

const browser = ['--config', 'vitest.e2e.config.ts']
const TRAINING = 'test/e2e/training.test.ts'

/**
 * Each a part, or parts of which one needs the one before it. What is quick to say comes first.
 *
 * @param {string} reports folder
 * @returns {readonly (readonly Part[])[]}
 */
const everything = (reports) => [
  ...checks.map((check) => [check]),
  [vitest(reports, 'e2e', [...browser, '--exclude', TRAINING])],
  [lint],
  [vitest(reports, 'unit', ['--project', 'unit'])],
  [trainerSuite(reports)],
  [vitest(reports, 'conformance', ['--project', 'conformance'])],
  ...(packageAbsent() === null ? [installed] : []),
]

/**
 * What nothing may run beside: a scenario trains at the lowest priority, and waits for minutes beside anything else; a
 * test of the window counts memory, shared pages by their share, and programs that run beside it would change the
 * figure.
 *
 * @param {string} reports folder
 * @returns {readonly Part[]}
 */
const alone = (reports) => [
  vitest(reports, 'training', [...browser, TRAINING]),
  ...(windowAbsent() === null ? [vitest(reports, 'window', ['--config', 'vitest.window.config.ts'])] : []),
]

async function runAll() {
  const reports = folder(join('build', 'test'))
  rmSync(reports, { recursive: true })
  folder(join('build', 'test'))
  /** @type {Counts[]} */
  const counts = []
  const waiting = [...everything(reports)]
  const lane = async () => {
    for (let parts = waiting.shift(); parts !== undefined; parts = waiting.shift())
      for (const part of parts) counts.push(await run(part))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  for (const part of alone(reports)) counts.push(await run(part))
  const absent = windowAbsent()
  const notPacked = packageAbsent()
  for (const skipped of [absent, notPacked])
    if (skipped !== null) counts.push({ passed: 0, failed: 0, skipped: 1 })
  const { version = '', official = false } = findElectron() ?? {}
  process.stdout.write(
    absent === null
      ? `\ndoors: browser and window (Electron ${version}${official ? '' : ', in the place of the pinned one'})\n${doorWords()}`
      : `\ndoors: browser only; window skipped, ${absent}\n`,
  )
  process.stdout.write(`package: ${notPacked === null ? 'made and installed' : `skipped, ${notPacked}`}\n`)
  return sum(counts)
}

try {
  checkNode()
  const started = Date.now()
  const steps = [
    installStep,
    pythonStep,
    buildStep,
    chromiumStep,
    validatorStep,
    postgresStep,
    orthancStep,
    straceStep,
    electronStep,
  ]
  process.stderr.write(announcement(steps))
  await runSteps(steps)
  const total = await runAll()
  process.stdout.write(`\n${((Date.now() - started) / 60_000).toFixed(1)} minutes\n`)
  process.stdout.write(`${words(total)}\n`)
  process.exitCode = total.failed === 0 ? 0 : 1
} catch (error) {
  reportFailure(error)
}
