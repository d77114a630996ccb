import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
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

test('only the program that Electron starts names electron', () => {
  const main = join(out, 'main')
  const programs = readdirSync(main).filter((name) => name.endsWith('.js'))
  expect(programs.sort()).toEqual([
    'beside-worker.js',
    'cli.js',
    'decode-worker.js',
    'index.js',
    'inference.js',
    'pictures.js',
    'readings-worker.js',
    'store-worker.js',
    'write-case.js',
    'write-worker.js',
  ])
  const naming = programs.filter((name) => [...filesOf(join(main, name))].some(namesElectron))
  expect(naming).toEqual(['index.js'])
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
