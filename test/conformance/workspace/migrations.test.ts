import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, expect, test } from 'vitest'
import { migrate, migrations } from '../../../src/main/workspace/database/migrations'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { openSqlite } from '../../../src/main/workspace/database/sqlite-driver'
import { quickFolder } from '../../postgres'
import { codeOf, gesture, sound } from './suite'

const root = mkdtempSync(join(quickFolder(), 'margin-migrations-'))
const clock = (): number => Date.UTC(2026, 0, 1)
let folders = 0
function place(): string {
  const folder = join(root, String((folders += 1)))
  mkdirSync(folder)
  return folder
}
const fixture = (version: number): string =>
  gunzipSync(
    readFileSync(resolve(import.meta.dirname, `../../fixtures/workspace-${version}.sql.gz`)),
  ).toString()

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function write(folder: string, statements: string): void {
  const database = new DatabaseSync(join(folder, 'workspace.sqlite'))
  database.exec(statements)
  database.close()
}

test.each(migrations.map(({ version }) => version))(
  'a database that version %i wrote opens, verifies and takes further work',
  async (version) => {
    const folder = place()
    write(folder, fixture(version))
    const store = sound(await openWorkspace(folder, { clock }))
    const raters = sound(await store.raters())
    expect(raters.map(({ name, role }) => [name, role])).toEqual([
      ['A', 'owner'],
      ['B', 'reader'],
    ])
    expect(sound(await store.verifyAudit())).toMatchObject({ whole: true, entries: 9 })
    const [attempt] = sound(await store.attemptsOfSubject('series:1.2.3'))
    expect(attempt).toMatchObject({ state: 'draft', revision: 2, blind: true })
    const entries = sound(await store.entries(attempt?.attemptId ?? '', 0))
    expect(entries.map(({ edit }) => edit.title)).toEqual(['Brush 4.8 mm, slice 40', 'Fill, slice 40'])
    sound(await store.append(attempt?.attemptId ?? '', gesture(2, 'g')))
    expect(codeOf(await store.check())).toBe('ok')
    await store.close()
  },
)

test('versions are numbered without a gap, each with a database that it wrote', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
})

test('a workspace of a newer Margin is refused by name and not touched', async () => {
  const folder = place()
  write(folder, `${fixture(1)}; INSERT INTO migration VALUES (99, '2030-01-01T00:00:00.000Z')`)
  const before = readFileSync(join(folder, 'workspace.sqlite'))
  const opened = await openWorkspace(folder, { clock })
  expect(opened.ok ? '' : opened.refusal.reason).toMatch(/newer Margin.*99/)
  // But for the header, which says that there is a write-ahead log now.
  expect(readFileSync(join(folder, 'workspace.sqlite')).subarray(100).equals(before.subarray(100))).toBe(true)
})

const added = {
  version: migrations.length + 1,
  tables: [['note', 'text TEXT NOT NULL']],
  statements: ['CREATE INDEX note_text ON note (text)'],
} as const

test('a step to the next version backs the old one up first, and is done once', async () => {
  const folder = place()
  write(folder, fixture(1))
  const driver = sound(await openSqlite({ folder, clock, lockWaitMs: 1000 }))
  sound(await migrate(driver, [...migrations, added], clock))
  expect(readdirSync(join(folder, 'backups'))).toHaveLength(1)
  sound(await migrate(driver, [...migrations, added], clock))
  expect(readdirSync(join(folder, 'backups'))).toHaveLength(1)
  const rows = await driver.read(async (sql) => ({
    ok: true,
    value: await sql.all('SELECT version FROM migration'),
  }))
  expect(sound(rows).map(({ version }) => version)).toEqual([
    ...migrations.map(({ version }) => version),
    added.version,
  ])
  await driver.close()
})

test('a step that fails in its middle leaves the old version whole', async () => {
  const folder = place()
  write(folder, fixture(1))
  const driver = sound(await openSqlite({ folder, clock, lockWaitMs: 1000 }))
  const broken = { ...added, statements: ['CREATE INDEX note_text ON nowhere (text)'] }
  await expect(migrate(driver, [...migrations, broken], clock)).rejects.toThrow('nowhere')
  await driver.close()
  const store = sound(await openWorkspace(folder, { clock }))
  expect(codeOf(await store.check())).toBe('ok')
  await store.close()
})
