import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUILT_FROM_FILE, builtFrom, UNKNOWN } from './built-from.js'

/** The steps that `npm start`, `npm test` and `bin/margin.js` share. Plain Node: they run before anything is installed. */

export const root = resolve(import.meta.dirname, '..', '..')
const windows = process.platform === 'win32'

/** A set-up step that failed: one line that says what, and one that says what to do. */
export class StepFailed extends Error {
  /**
   * @param {string} what
   * @param {string} fix
   */
  constructor(what, fix) {
    super(`${what}\n  ${fix}`)
  }
}

/** Refuses a Node that the packages do not support, before they fail in ways that nobody can read. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24) return
  throw new StepFailed(
    `Node.js ${process.versions.node} is too old for Margin.`,
    'Install Node.js 22 or 24 from nodejs.org and run the same command again.',
  )
}

/**
 * Runs a program to its end with its output shown on standard error.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly env?: NodeJS.ProcessEnv, readonly timeoutMs?: number, readonly quiet?: boolean }} [options]
 * @returns {boolean} whether it ended with 0
 */
export function succeeds(program, args, options = {}) {
  return failureOf(program, args, options) === null
}

/**
 * Runs a program as `succeeds` does.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly env?: NodeJS.ProcessEnv, readonly timeoutMs?: number, readonly quiet?: boolean }} [options]
 * @returns {string | null} how it ended where it failed: it could not be started, was ended, or says so by its number
 */
function failureOf(program, args, options = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: options.quiet === true ? 'ignore' : ['ignore', process.stderr, process.stderr],
    timeout: options.timeoutMs,
  })
  if (result.status === 0) return null
  if (result.error !== undefined) return result.error.message
  return result.signal === null ? `it ended with ${result.status}` : `it was ended by ${result.signal}`
}

/**
 * npm as a program and its arguments. npm tells its own path to the scripts it runs; outside of it, npm is on PATH, and
 * on Windows it is a .cmd file that only a shell can start.
 *
 * @param {readonly string[]} args
 * @returns {readonly [string, readonly string[]]}
 */
export function npmCommand(args) {
  const script = process.env['npm_execpath']
  if (script !== undefined && script.endsWith('.js')) return [process.execPath, [script, ...args]]
  if (!windows) return ['npm', args]
  return ['cmd.exe', ['/d', '/s', '/c', ['npm', ...args].join(' ')]]
}

/**
 * Hash of files' contents, to know whether a step is still done.
 *
 * @param {readonly string[]} paths relative to the root
 * @returns {string}
 */
export function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/**
 * @param {string} stamp relative to the root
 * @param {string} value
 * @returns {boolean} whether the stamp says exactly this
 */
export function stamped(stamp, value) {
  const path = join(root, stamp)
  return existsSync(path) && readFileSync(path, 'utf8') === value
}

/**
 * @param {string} stamp relative to the root
 * @param {string} value
 */
export function writeStamp(stamp, value) {
  writeFileSync(join(root, stamp), value)
}

const installStamp = join('node_modules', '.margin-installed')

/** @returns {string} packages are those of the lock file, for this system and this Node's native interface */
const installValue = () =>
  `${hashOf(['package-lock.json', 'package.json'])} ${process.platform} ${process.arch}`

/** @returns {boolean} whether node_modules holds what the lock file says */
export function isInstalled() {
  return stamped(installStamp, installValue()) || lockFileMatches()
}

/**
 * True after somebody ran `npm ci` by hand: npm leaves a list of what it installed.
 *
 * @returns {boolean}
 */
function lockFileMatches() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  const missing = Object.entries(wanted).filter(
    ([path, entry]) => path !== '' && entry.optional !== true && present[path]?.version !== entry.version,
  )
  return missing.length === 0
}

/** Installs the packages of the lock file. */
export function install() {
  if (!succeeds(...npmCommand(['ci', '--no-audit', '--no-fund', '--loglevel=error']))) {
    throw new StepFailed(
      'npm ci failed.',
      'Look at the lines above; with a network that works, run the same command again.',
    )
  }
  writeStamp(installStamp, installValue())
}

/**
 * @param {string} folder
 * @returns {number} time of the newest source file
 */
function newestMs(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) newest = Math.max(newest, newestMs(path))
    else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs)
  }
  return newest
}

/** @returns {boolean} whether out/ is newer than every source it is made of, and of this commit where git can tell */
export function isBuilt() {
  const built = [join('out', 'main', 'cli.js'), join('out', 'renderer', 'index.html')].map((path) =>
    join(root, path),
  )
  if (!built.every((path) => existsSync(path))) return false
  if (!existsSync(join(root, CASE_DIR, 'case.json'))) return false
  const from = builtFrom(root)
  if (from !== UNKNOWN && !stamped(join('out', 'main', BUILT_FROM_FILE), from)) return false
  const oldest = Math.min(...built.map((path) => statSync(path).mtimeMs))
  const settings = ['electron.vite.config.ts', 'package-lock.json'].map((path) => join(root, path))
  return oldest >= Math.max(newestMs(join(root, 'src')), ...settings.map((path) => statSync(path).mtimeMs))
}

/** @returns {boolean} whether there is a build at all, however old */
export const hasBuild = () => existsSync(join(root, 'out', 'main', 'cli.js'))

/** Where the built-in case is made ahead, so that opening it waits for no drawing of a chest. */
export const CASE_DIR = join('out', 'case')

/** Builds the page and the programs, and with them the built-in case where it is not there yet. */
export function build() {
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const unbuilt = failureOf(process.execPath, [builder, 'build', '--logLevel', 'warn'])
  if (unbuilt !== null) {
    throw new StepFailed(
      `The build failed: ${unbuilt}.`,
      'The lines above say why. Where a package is missing: npm ci, then the same command again.',
    )
  }
  const writer = join(root, 'out', 'main', 'write-case.js')
  const unwritten = failureOf(process.execPath, [writer, join(root, CASE_DIR)])
  if (unwritten !== null) {
    throw new StepFailed(
      `The built-in case could not be written to ${CASE_DIR}: ${unwritten}.`,
      'The lines above say why. Then the same command again.',
    )
  }
}

const LOOK_MS = 250
/** A first installation by a slow network takes minutes. */
const LONGEST_WAIT_MS = 20 * 60_000

/**
 * @param {string} text the id of a process
 * @returns {boolean}
 */
function isAlive(text) {
  const processId = Number(text)
  if (!Number.isInteger(processId) || processId < 1) return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Does something that one process at a time may do in a folder: a second one waits for the first, which holds a file
 * with its id. The file of a process that is gone counts for nothing.
 *
 * @template T
 * @param {string} lock path of the file
 * @param {() => void} onWait called once where another process is waited for
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function oneAtATime(lock, onWait, work) {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    try {
      writeFileSync(lock, `${process.pid}`, { flag: 'wx' })
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = existsSync(lock) ? readFileSync(lock, 'utf8') : ''
    // One that was made this moment has no id in it yet.
    if (holder !== '' && !isAlive(holder)) {
      rmSync(lock, { force: true })
      continue
    }
    if (waitedMs === 0) onWait()
    if (waitedMs >= LONGEST_WAIT_MS) {
      throw new StepFailed(
        `Process ${holder} has been setting Margin up for too long.`,
        `End it, or delete ${lock} where it is another program; then the same command again.`,
      )
    }
    await sleep(LOOK_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/**
 * Runs steps one after another, with one progress line each; steps that are done already say so. A step that is to be
 * done `alone` waits for another process that is at it.
 *
 * @param {readonly { readonly name: string, readonly done: () => boolean, readonly run: () => void | Promise<void>, readonly alone?: boolean }[]} steps
 */
export async function runSteps(steps) {
  for (const [index, step] of steps.entries()) {
    const done = step.done()
    const started = Date.now()
    process.stderr.write(`[${index + 1}/${steps.length}] ${step.name}${done ? ': done already' : ' …'}\n`)
    if (done) continue
    if (step.alone === true) await runAlone(step)
    else await step.run()
    process.stderr.write(`      took ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  }
}

/**
 * @param {{ readonly done: () => boolean, readonly run: () => void | Promise<void> }} step
 */
function runAlone(step) {
  const waiting = () => {
    process.stderr.write('      another start of Margin is at it: waiting for it\n')
  }
  return oneAtATime(join(folder('build'), '.setting-up'), waiting, async () => {
    if (!step.done()) await step.run()
  })
}

export const installStep = {
  name: 'installing packages (npm ci)',
  fetches: 'the packages of package-lock.json, into node_modules',
  done: isInstalled,
  run: install,
  alone: true,
}
export const buildStep = { name: 'building', done: isBuilt, run: build, alone: true }

/**
 * Starts the built command line in the place of this process: same terminal, same signals, same exit code.
 *
 * @param {readonly string[]} args
 */
export function becomeMargin(args) {
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...args], { stdio: 'inherit' })
  // Ctrl-C reaches the child by itself, being in the same terminal; this process waits for its answer.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      child.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
    })
  }
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

/**
 * Prints what went wrong in one line and its fix in the next. A mistake of the script itself keeps its trace.
 *
 * @param {unknown} error
 */
export function reportFailure(error) {
  if (!(error instanceof StepFailed)) throw error
  process.stderr.write(`\n${error.message}\n`)
  process.exitCode = 1
}

/**
 * A folder for what the scripts make, created.
 *
 * @param {string} path relative to the root
 * @returns {string}
 */
export function folder(path) {
  const made = join(root, path)
  mkdirSync(made, { recursive: true })
  return made
}
