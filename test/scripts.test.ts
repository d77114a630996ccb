import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { announcement } from '../scripts/setup/announce.js'
import { aptAllowed } from '../scripts/setup/apt.js'
import { builtFrom } from '../scripts/setup/built-from.js'
import { setFuses, SHIPPED_FUSES } from '../scripts/setup/electron.js'
import { mutantsOf, mutated } from '../scripts/mutation/mutants.js'
import { builderSettings } from '../scripts/packaging/installers.js'
import { bothDoors, browserOnly } from '../scripts/scenarios.js'
import { oneAtATime } from '../scripts/setup/steps.js'
import { layTestData } from '../scripts/test-data.js'

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

test('what one process at a time may do is done one after another, and the lock of one that is gone is taken', async () => {
  const lock = join(mkdtempSync(join(tmpdir(), 'margin-lock-')), 'lock')
  let inside = 0
  let waits = 0
  const work = async (): Promise<void> => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise((next) => setTimeout(next, 20))
    inside -= 1
  }
  const waited = (): void => {
    waits += 1
  }
  await Promise.all([oneAtATime(lock, waited, work), oneAtATime(lock, waited, work)])
  expect(waits).toBe(1)
  expect(existsSync(lock)).toBe(false)
  // No process has this id.
  writeFileSync(lock, '99999999')
  await oneAtATime(lock, waited, work)
  await expect(oneAtATime(lock, waited, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})

test('installers of every system have the switches of the Debian package', () => {
  const { electronFuses, win, mac, linux } = builderSettings()
  const on = (fuses: Readonly<Record<string, boolean | undefined>>): number =>
    Object.values(fuses).filter(Boolean).length
  expect(Object.keys(electronFuses)).toHaveLength(Object.keys(SHIPPED_FUSES).length)
  expect(on(electronFuses)).toBe(on(SHIPPED_FUSES))
  expect([win.target, mac.target, linux.target]).toEqual([['nsis', 'portable'], ['dmg', 'zip'], ['AppImage']])
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

test('public downloads are laid, unchanged, where tests look, and what is missing is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-test-data-'))
  const downloads = join(folder, 'downloads', 'some', 'where')
  const series = '1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192'
  mkdirSync(downloads, { recursive: true })
  for (let at = 1; at <= 132; at += 1) writeFileSync(join(downloads, `1-${at}.dcm`), `\0 ${series} ${at}`)
  writeFileSync(join(downloads, 'other.dcm'), 'of another series')
  writeFileSync(join(downloads, 'Image_08L.jpg'), 'a photograph')
  const data = join(folder, 'data')
  expect(layTestData(join(folder, 'downloads'), data)).toEqual([
    expect.stringContaining('132 of 133 slices and no reading file'),
    expect.stringContaining('1 of 84 files'),
  ])
  expect(readFileSync(join(data, 'retina', 'chase', 'Image_08L.jpg'), 'utf8')).toBe('a photograph')
  expect(existsSync(join(data, 'lidc'))).toBe(false)

  writeFileSync(join(downloads, '1-133.dcm'), `\0 ${series} 133`)
  writeFileSync(join(downloads, '158.xml'), `<SeriesInstanceUid>${series}</SeriesInstanceUid>`)
  layTestData(join(folder, 'downloads'), data)
  const listed = execFileSync('tar', ['-tJf', join(data, 'lidc', 'LIDC-IDRI-0001.tar.xz')], {
    encoding: 'utf8',
  })
  expect(listed.split('\n').filter((line) => /\.(?:dcm|xml)$/.test(line))).toHaveLength(134)
  expect(listed).toContain('LIDC-IDRI-0001/069.xml')
})

test('every scenario comes in by both doors, or says why by the browser alone', () => {
  const found = readdirSync(join(import.meta.dirname, 'e2e')).filter((name) => name.endsWith('.test.ts'))
  const named = [...bothDoors, ...Object.keys(browserOnly)].map((name) => `${name}.test.ts`)
  expect(named.sort()).toEqual(found.sort())
})

test('the switches of a shipped program are set behind their mark, and nothing else is', () => {
  // As electron/fuses documents it: the mark, version 1, eight switches, each '1', '0' or 'r' for removed.
  const before = Buffer.from('...dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u000810101011...', 'latin1')
  const program = Uint8Array.from(before)
  setFuses(program, SHIPPED_FUSES)
  // Node off, cookies as they were, NODE_OPTIONS and inspect off, integrity and only the archive on, snapshot and file: off.
  expect(Buffer.from(program).toString('latin1')).toBe(
    '...dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u000800001100...',
  )
  expect(() => {
    setFuses(new Uint8Array(64), SHIPPED_FUSES)
  }).toThrow('no program of Electron')
})
