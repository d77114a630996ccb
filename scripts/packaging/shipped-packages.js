import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What is handed on with the program: the packages of `dependencies` and theirs, without what it never touches, and those
 * that the build put into the program's own files.
 */

/** The build's list of the latter, in out/. */
export const BUNDLED_FILE = join('out', 'bundled-packages.json')

/**
 * @typedef {{
 *   readonly path: string,
 *   readonly name: string,
 *   readonly version: string,
 *   readonly licence: string,
 *   readonly text: string,
 *   readonly keep: (path: string) => boolean,
 * }} Shipped
 */

/** Packages that are published with their dependencies built into their own file. */
const HOLDING = new Set(['node_modules/dcmjs'])

/** Of installers and of other systems; the rest of ONNX Runtime's dependencies only fetch. */
const never = new Set(['global-agent', 'adm-zip', 'node-addon-api'])
const system = `${process.platform}-${process.arch}`
const otherRuntime = new RegExp(
  `onnxruntime-node/(script/|bin/napi-v6/(?!${process.platform}(/|$)|$)|bin/napi-v6/${process.platform}/(?!${process.arch}(/|$)|$))`,
)
const otherSqlite = new RegExp(`@photostructure/sqlite/(src/|prebuilds/(?!${system}(/|$)|$)|.*musl)`)
const unread = /\.(map|d\.ts|d\.cts|d\.mts)$|\/zod\/src\//
/** Tools of whoever made a package, builds for a page, an encoder where nothing is encoded, weights of a font that no report is set in. */
const unused =
  /pdfkit\/(\.yarn(\/|$)|js\/pdfkit\.standalone)|fontkit\/dist\/browser|codec-libjxl\/dist\/jpegxlwasm_encode|inter\/(?!400Regular(\/|$)|600SemiBold(\/|$))\d{3}\w+/

/** @param {string} path */
const keep = (path) => [otherRuntime, otherSqlite, unread, unused].every((left) => !left.test(path))

/** @typedef {Record<string, { readonly version: string, readonly license?: string, readonly dependencies?: object, readonly optionalDependencies?: object }>} Lock */

/** @param {string} root @returns {Lock} */
const readLock = (root) => {
  /** @type {{ packages: Lock }} */
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return packages
}

/** @param {string} root @param {Lock} lock @param {string} path @returns {Shipped} */
function described(root, lock, path) {
  const name = path.replace(/^.*node_modules\//, '')
  const { version = '', license = 'see its text' } = lock[path] ?? {}
  return { path, name, version, licence: license, text: licenceOf(root, path), keep }
}

/** Those of the build. @param {string} root @param {readonly string[]} paths folders, from the root @returns {readonly Shipped[]} */
export function packagesAt(root, paths) {
  const lock = readLock(root)
  const held = paths
    .filter((path) => HOLDING.has(path))
    .flatMap((path) => {
      const names = Object.keys(lock[path]?.dependencies ?? {})
      return names.flatMap((name) => nearest(lock, name, path) ?? [])
    })
  return [...paths, ...held].map((path) => described(root, lock, path))
}

/** @param {readonly Shipped[]} packages @returns {readonly Shipped[]} by path, each once */
export const byPath = (packages) =>
  [...new Map(packages.map((each) => [each.path, each])).values()].sort((a, b) =>
    a.path.localeCompare(b.path),
  )

/** Those that the program loads. @param {string} root @returns {readonly Shipped[]} by path */
export function shippedPackages(root) {
  const lock = readLock(root)
  /** @type {Map<string, Shipped>} */
  const found = new Map()
  /** @param {string} name @param {string} from */
  const add = (name, from) => {
    if (never.has(name)) return
    const path = nearest(lock, name, from)
    if (path === null || found.has(path) || !existsSync(join(root, path))) return
    const { dependencies = {}, optionalDependencies = {} } = lock[path] ?? {}
    found.set(path, described(root, lock, path))
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, path)
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) add(name, '')
  return byPath([...found.values()])
}

/**
 * Where Node finds `name` when the package at `from` asks.
 *
 * @param {Lock} lock
 * @param {string} name
 * @param {string} from
 * @returns {string | null}
 */
function nearest(lock, name, from) {
  for (let base = from; ; base = base.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${base === '' ? '' : `${base}/`}node_modules/${name}`
    if (path in lock) return path
    if (base === '') return null
  }
}

/** @param {string} root @param {string} path @returns {string} */
function licenceOf(root, path) {
  const name = readdirSync(join(root, path)).find((each) => /^(licen[cs]e|copying)/i.test(each))
  return name === undefined ? 'Its package brings no text.' : readFileSync(join(root, path, name), 'utf8')
}
