import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { builtProgram } from '../../built'

let out: string
beforeAll(() => {
  out = builtProgram()
})

/** Files that a built program consists of: itself and what it imports, statically or not. */
function filesOf(entry: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  const text = readFileSync(entry, 'utf8')
  for (const [, specifier = ''] of text.matchAll(
    /(?:from\s*|import\(?\s*|require\(\s*)["'](\.[^"']+)["']/g,
  )) {
    const file = resolve(entry, '..', specifier)
    if (existsSync(file)) filesOf(file, seen)
  }
  return seen
}

const namesElectron = (file: string): boolean =>
  /(?:from\s*|import\(?\s*|require\(\s*)["']electron(?:\/[a-z]+)?["']/.test(readFileSync(file, 'utf8'))

const Declared = z.looseObject({ dependencies: z.record(z.string(), z.string()) })
/** Packages by their names: the build writes its imports with double quotes, each on a line of its own. */
const LOADED =
  /^(?:import|export)\b[^'"\n]*"((?:@[\w.-]+\/)?[\w][\w.-]*)(?:\/[^"]*)?";|(?:import|require)\("((?:@[\w.-]+\/)?[\w][\w.-]*)(?:\/[^"]*)?"\)/gm

test('only the program that Electron starts names electron', () => {
  const main = join(out, 'main')
  const programs = readdirSync(main).filter((name) => name.endsWith('.js'))
  expect(programs.sort()).toEqual([
    'archive-worker.js',
    'beside-worker.js',
    'cli.js',
    'decode-worker.js',
    'index.js',
    'inference.js',
    'pictures.js',
    'readings-worker.js',
    'receiver-worker.js',
    'store-worker.js',
    'write-case.js',
    'write-worker.js',
  ])
  const naming = programs.filter((name) => [...filesOf(join(main, name))].some(namesElectron))
  expect(naming).toEqual(['index.js'])
})

test('what the programs load besides themselves is shipped: a dependency, not a tool of the build', () => {
  const { dependencies } = Declared.parse(JSON.parse(readFileSync(join(out, '..', 'package.json'), 'utf8')))
  const main = join(out, 'main')
  const files = readdirSync(main, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  )
  const loaded = files.flatMap((name) =>
    [...readFileSync(join(main, name), 'utf8').matchAll(LOADED)].map((match) => match[1] ?? match[2] ?? ''),
  )
  expect(loaded).toContain('@photostructure/sqlite')
  const foreign = loaded.filter(
    (name) => !Object.hasOwn(dependencies, name) && name !== 'electron' && !builtinModules.includes(name),
  )
  expect([...new Set(foreign)]).toEqual([])
})

test('the preload script is one CommonJS file that needs electron and nothing else', () => {
  const text = readFileSync(join(out, 'preload', 'index.cjs'), 'utf8')
  const needed = [...text.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1])
  expect(needed).toEqual(['electron'])
})

test('the page is made of its own files: nothing inline, nothing from elsewhere', () => {
  const html = readFileSync(join(out, 'renderer', 'index.html'), 'utf8')
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/)
  expect(html).not.toMatch(/<style|\son[a-z]+=|\sstyle=/)
  for (const [, address = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g))
    expect(address).toMatch(/^(\.\/|data:)/)
})
