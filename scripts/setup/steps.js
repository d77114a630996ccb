import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
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
  const result = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: options.quiet === true ? 'ignore' : ['ignore', process.stderr, process.stderr],
    timeout: options.timeoutMs,
  })
  return result.status === 0
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

/** Where the built-in case is made ahead, so that opening it waits for no drawing of a chest. */
export const CASE_DIR = join('out', 'case')

/** Builds the page and the programs, and with them the built-in case where it is not there yet. */
export function build() {
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  if (!succeeds(process.execPath, [builder, 'build', '--logLevel', 'warn'])) {
    throw new StepFailed('The build failed.', 'Look at the lines above; npm ci, then the same command again.')
  }
  if (!succeeds(process.execPath, [join(root, 'out', 'main', 'write-case.js'), join(root, CASE_DIR)])) {
    throw new StepFailed(
      'The built-in case could not be written.',
      'Look at the lines above; make room on the disk, then the same command again.',
    )
  }
}

/**
 * Runs steps one after another, with one progress line each; steps that are done already say so.
 *
 * @param {readonly { readonly name: string, readonly done: () => boolean, readonly run: () => void | Promise<void> }[]} steps
 */
export async function runSteps(steps) {
  for (const [index, step] of steps.entries()) {
    const done = step.done()
    const started = Date.now()
    process.stderr.write(`[${index + 1}/${steps.length}] ${step.name}${done ? ': done already' : ' …'}\n`)
    if (done) continue
    await step.run()
    process.stderr.write(`      took ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  }
}

export const installStep = {
  name: 'installing packages (npm ci)',
  fetches: 'the packages of package-lock.json, into node_modules',
  done: isInstalled,
  run: install,
}
export const buildStep = { name: 'building', done: isBuilt, run: build }

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
