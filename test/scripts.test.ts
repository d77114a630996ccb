import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { announcement } from '../scripts/announce.js'
import { aptAllowed } from '../scripts/apt.js'
import { builtFrom } from '../scripts/built-from.js'
import { mutantsOf, mutated } from '../scripts/mutants.js'

describe('what a build names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-built-'))
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim()

  test('nothing where there is no repository', () => {
    expect(builtFrom(folder)).toBe('unknown')
  })

  test('the commit; that sources differ from it, but not that documents do', () => {
    mkdirSync(join(folder, 'src', 'main'), { recursive: true })
    writeFileSync(join(folder, 'src', 'main', 'version.ts'), 'one')
    git('init', '-q')
    git('add', '-A')
    git('commit', '-q', '-m', 'One')
    const commit = git('rev-parse', 'HEAD').slice(0, 7)
    expect(builtFrom(folder)).toBe(commit)
    writeFileSync(join(folder, 'README.md'), 'more')
    expect(builtFrom(folder)).toBe(commit)
    writeFileSync(join(folder, 'src', 'main', 'version.ts'), 'two')
    expect(builtFrom(folder)).toBe(`${commit}.changed`)
    git('commit', '-q', '-a', '-m', 'Two')
    expect(builtFrom(folder)).not.toContain(commit)
  })
})

test('mistakes are one slip each, at its place', () => {
  const text =
    'export const f = (a: 1 | 2, b = true) => {\n  if (a < 2 && b) g(a)\n  return a - 1 || "1" + a\n}\n'
  const slips = mutantsOf(text).map(({ line, what }) => `${line}: ${what}`)
  expect(slips).toEqual([
    '1: true -> false',
    '2: a < 2 && b -> !(a < 2 && b)',
    '2: < -> <=',
    '2: 2 -> (2 + 1)',
    '2: && -> ||',
    '2: g(a) -> ;',
    '3: - -> +',
    '3: 1 -> (1 + 1)',
    '3: || -> &&',
  ])
  const [, , less] = mutantsOf(text)
  if (less === undefined) throw new Error('no mutant')
  expect(mutated(text, less)).toBe(text.replace('<', '<='))
})

describe('what npm test says before it installs', () => {
  const due = { done: () => false }

  test('nothing where everything is here', () => {
    expect(announcement([{ done: () => true, fetches: 'everything', packages: ['chromium'] }])).toBe('')
  })

  test('what is fetched, and the packages of the system or the command for them', () => {
    const said = announcement([
      { ...due, fetches: 'the packages' },
      { ...due, packages: ['chromium', 'strace'] },
    ])
    expect(said).toMatch(/^About to install:\n {2}the packages\n/)
    expect(said).toContain(
      aptAllowed() ? 'by apt-get: chromium strace' : 'Missing, and not installed unasked',
    )
    if (!aptAllowed() && process.platform === 'linux')
      expect(said).toContain('sudo apt-get install -y chromium strace')
  })
})
