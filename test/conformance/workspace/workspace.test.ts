import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { bundle } from '../../bundle'
import { query, quickFolder, startPostgres } from '../../postgres'
import { panelSuite } from './panel-suite'
import { placeSuite } from './place-suite'
import { codeOf, newRater, sound, workspaceSuite, type SuitePlace } from './suite'

const folder = mkdtempSync(join(quickFolder(), 'margin-workspace-'))
const server = await startPostgres()
let folders = 0

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server?.stop()
})

const onSqlite: SuitePlace = {
  workerPath: await bundle('src/main/workspace/store-worker.ts', 'store-worker'),
  location: () => Promise.resolve(join(folder, String((folders += 1)))),
  tamper: (location, statement) =>
    Promise.resolve().then(() => {
      const database = new DatabaseSync(join(location, 'workspace.sqlite'), { timeout: 1000 })
      try {
        database.exec(statement)
      } finally {
        database.close()
      }
    }),
}
workspaceSuite('SQLite', onSqlite)
panelSuite('SQLite', onSqlite)
placeSuite('SQLite', onSqlite)

if (server !== null) {
  const onPostgres: SuitePlace = {
    workerPath: null,
    location: server.database,
    tamper: async (location, statement) => {
      await query(location, `SET search_path TO margin; ${statement}`)
    },
  }
  workspaceSuite('PostgreSQL', onPostgres)
  panelSuite('PostgreSQL', onPostgres)
  placeSuite('PostgreSQL', onPostgres)
}

describe.skipIf(server === null)('a workspace on a PostgreSQL server', () => {
  const clock = (): number => Date.UTC(2026, 0, 1)

  test('says what it cannot reach, and never the password', async () => {
    for (const address of [
      'postgres://reader:secret-word@127.0.0.1:1/margin',
      'postgres://reader:secret-word@host.invalid/margin',
      'postgres://reader:secret-word@[/margin',
    ]) {
      const opened = await openWorkspace(address, { clock })
      expect(codeOf(opened)).toBe('workspace-failed')
      expect(JSON.stringify(opened)).not.toContain('secret-word')
    }
  })

  test('goes on after the server closed every connection', async () => {
    const address = (await server?.database()) ?? ''
    const store = sound(await openWorkspace(address, { clock }))
    await newRater(store, 'A')
    await query(
      address,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
    const next = await store.raters()
    if (!next.ok) expect(next.refusal.code).toBe('workspace-failed')
    await newRater(store, 'B')
    expect(sound(await store.verifyAudit())).toMatchObject({ entries: 2, whole: true })
    expect(codeOf(await store.backUp())).toBe('request-invalid')
    await store.close()
  })

  test('refuses a server that does not force its commits to the disk', async () => {
    const address = (await server?.database()) ?? ''
    // Nothing stands in for the switch but the server itself, which takes it while it runs.
    await query(address, 'ALTER SYSTEM SET fsync = off')
    await query(address, 'SELECT pg_reload_conf()')
    await expect
      .poll(async () => (await query(address, 'SHOW fsync'))[0], { timeout: 15_000 })
      .toEqual({ fsync: 'off' })
    const opened = await openWorkspace(address, { clock })
    await query(address, 'ALTER SYSTEM RESET fsync')
    await query(address, 'SELECT pg_reload_conf()')
    expect(opened.ok ? '' : opened.refusal.reason).toContain('fsync')
  })
})
