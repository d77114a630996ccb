import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './steps.js'

/** What the program loads at run time: the packages of `dependencies` and theirs, without what it never touches. */

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

/** Of installers and of other systems; the rest of ONNX Runtime's dependencies only fetch. */
const never = new Set(['global-agent', 'adm-zip', 'node-addon-api'])
const system = `${process.platform}-${process.arch}`
const otherRuntime = new RegExp(
  `onnxruntime-node/(script/|bin/napi-v6/(?!${process.platform}(/|$)|$)|bin/napi-v6/${process.platform}/(?!${process.arch}(/|$)|$))`,
)
const otherSqlite = new RegExp(`@photostructure/sqlite/(src/|prebuilds/(?!${system}(/|$)|$)|.*musl)`)
const unread = /\.(map|d\.ts|d\.cts|d\.mts)$|\/zod\/src\//

/** @param {string} path */
const keep = (path) => !otherRuntime.test(path) && !otherSqlite.test(path) && !unread.test(path)

/** @returns {readonly Shipped[]} by path */
export function shippedPackages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  /** @type {Map<string, Shipped>} */
  const found = new Map()
  /** @param {string} name @param {string} from */
  const add = (name, from) => {
    if (never.has(name)) return
    const path = nearest(lock, name, from)
    if (path === null || found.has(path) || !existsSync(join(root, path))) return
    const { version, license, dependencies = {}, optionalDependencies = {} } = lock[path]
    found.set(path, { path, name, version, licence: license ?? 'see its text', text: licenceOf(path), keep })
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, path)
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) add(name, '')
  return [...found.values()].sort((a, b) => a.path.localeCompare(b.path))
}

/**
 * Where Node finds `name` when the package at `from` asks.
 *
 * @param {Record<string, unknown>} lock
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

/** @param {string} path @returns {string} */
function licenceOf(path) {
  const name = readdirSync(join(root, path)).find((each) => /^(licen[cs]e|copying)/i.test(each))
  return name === undefined ? 'Its package brings no text.' : readFileSync(join(root, path, name), 'utf8')
}
