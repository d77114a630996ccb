import { randomBytes } from 'node:crypto'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Refusal, Result } from '../../../src/contract'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import { bundle } from '../../bundle'
import { appendingProgram, startAppending } from './appending'
import type { Appending } from './appending'
import { gesture, newAttempt, newRater, sound } from './suite'

/**
 * Somebody takes the files of a workspace away from under a program that is writing to it: nothing is acknowledged that a
 * kill and a start would not find, in the folder or in the backup that the refusal names.
 */

const root = mkdtempSync(join(tmpdir(), 'margin-taken-'))
let program = ''
let thread = ''
let folders = 0
const place = (): string => join(root, String((folders += 1)))
beforeAll(async () => {
  program = await appendingProgram()
  thread = await bundle('src/main/workspace/store-worker.ts', 'store-worker-taken')
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const open = (folder: string): Promise<Result<WorkspaceStore>> =>
  openWorkspace(folder, { clock: () => Date.now() })

/** A workspace with a few gestures, closed, and an older copy of its database beside it. */
async function begun(): Promise<{ folder: string; attemptId: string; older: string }> {
  const folder = place()
  const older = `${folder}-older.sqlite`
  const store = sound(await open(folder))
  const { raterId } = await newRater(store, 'A')
  const { attemptId } = await newAttempt(store, raterId)
  await store.close()
  cpSync(join(folder, 'workspace.sqlite'), older)
  return { folder, attemptId, older }
}

interface Taken {
  readonly database: string
  readonly log: string
  readonly older: string
  readonly folder: string
}
const half = (path: string): number => Math.floor(statSync(path).size / 2)

/** What is done to the files, and what the refusal says of it. */
const harms: Readonly<Record<string, readonly [take: (files: Taken) => void, said: string]>> = {
  'database deleted': [
    ({ database }) => {
      rmSync(database)
    },
    'workspace.sqlite was deleted or moved',
  ],
  'database moved away': [
    ({ database, older }) => {
      renameSync(database, `${older}.moved`)
    },
    'workspace.sqlite was deleted or moved',
  ],
  'an older file moved over the database': [
    ({ database, older }) => {
      renameSync(older, database)
    },
    'workspace.sqlite was replaced',
  ],
  'an older file copied into the database': [
    ({ database, older }) => {
      cpSync(older, database)
    },
    'workspace.sqlite was',
  ],
  'database emptied': [
    ({ database }) => {
      truncateSync(database)
    },
    'workspace.sqlite was cut short',
  ],
  'database cut in half': [
    ({ database }) => {
      truncateSync(database, half(database))
    },
    'workspace.sqlite was cut short',
  ],
  'log deleted': [
    ({ log }) => {
      rmSync(log)
    },
    'workspace.sqlite-wal, was deleted or moved',
  ],
  'log emptied': [
    ({ log }) => {
      truncateSync(log)
    },
    'workspace.sqlite-wal, was cut short',
  ],
  'log cut in half': [
    ({ log }) => {
      truncateSync(log, half(log))
    },
    'workspace.sqlite-wal, was cut short',
  ],
  'log written over in its middle': [
    ({ log }) => {
      const file = openSync(log, 'r+')
      writeSync(file, randomBytes(2_000), 0, 2_000, Math.floor(statSync(log).size / 3))
      closeSync(file)
    },
    'workspace.sqlite-wal, was cut short or written over',
  ],
  'folder deleted': [
    ({ folder }) => {
      rmSync(folder, { recursive: true })
    },
    'workspace.sqlite was deleted or moved',
  ],
}

const acknowledgedBy = ({ lines }: Appending): number =>
  Math.max(
    0,
    ...lines()
      .filter((line) => line.startsWith('+'))
      .map(Number),
  )

/** Gestures acknowledged after which a program that has noticed nothing never will. */
const UNNOTICED = 200

async function refusalAfter(appending: Appending): Promise<Refusal> {
  const before = acknowledgedBy(appending)
  for (;;) {
    const said = appending.lines().find((line) => line.startsWith('!'))
    if (said !== undefined) return JSON.parse(said.slice(1)) as Refusal
    expect(acknowledgedBy(appending), 'acknowledged and nothing noticed').toBeLessThan(before + UNNOTICED)
    await pause(2)
  }
}

/**
 * Opens it; where that is refused, as it says: the files out of the folder, the backup in their place. In a copy without
 * the shared index, as a process that finds the folder alone does: this one may still have the database open.
 */
async function openedAsTheWordsSay(left: string, words: string): Promise<WorkspaceStore> {
  const folder = place()
  cpSync(left, folder, { recursive: true })
  rmSync(join(folder, 'workspace.sqlite-shm'), { force: true })
  const at = await open(folder)
  if (at.ok) return at.value
  const backup = /backups\/(backup-\S+\.sqlite)/.exec(at.refusal.next ?? '')?.[1] ?? ''
  expect(words).toContain(backup)
  for (const name of readdirSync(folder)) if (name.startsWith('workspace.')) rmSync(join(folder, name))
  cpSync(join(folder, 'backups', backup), join(folder, 'workspace.sqlite'))
  return sound(await open(folder))
}

test.each(Object.keys(harms))(
  '%s: refused by name at once; after kill -9 every acknowledged gesture is there',
  async (harm) => {
    const [take, said] = harms[harm] ?? [() => undefined, '']
    const { folder, attemptId, older } = await begun()
    const appending = startAppending(program)
    onTestFinished(() => void appending.child.kill('SIGKILL'))
    await appending.ready
    appending.go(folder, attemptId, folders % 2 === 0 ? 'here' : thread, 'endless', '', 'stay')
    while (acknowledgedBy(appending) < 40) await pause(2)
    const database = join(folder, 'workspace.sqlite')
    take({ database, log: `${database}-wal`, older, folder })
    const refusal = await refusalAfter(appending)
    expect(refusal).toMatchObject({ code: 'workspace-failed', path: database })
    expect(refusal.reason).toContain(said)
    expect(refusal.next).toContain('All that was acknowledged is in backups/backup-')
    appending.child.kill('SIGKILL')
    await appending.ended

    const store = await openedAsTheWordsSay(folder, refusal.next ?? '')
    const found = sound(await store.entries(attemptId, 0))
    expect(found.length).toBeGreaterThanOrEqual(acknowledgedBy(appending))
    expect(found.map(({ edit }) => edit.title)).toEqual(found.map((_, index) => String(index + 1)))
    expect((await store.check()).ok).toBe(true)
    await store.close()
  },
)

test('a deleted database is saved although nobody draws any more, and closing leaves nothing else behind', async () => {
  const { folder, attemptId } = await begun()
  const store = sound(await open(folder))
  for (let revision = 0; revision < 5; revision += 1)
    sound(await store.append(attemptId, gesture(revision, String(revision))))
  const before = readdirSync(join(folder, 'backups'))
  rmSync(join(folder, 'workspace.sqlite'))
  await expect
    .poll(() => readdirSync(join(folder, 'backups')).length, { timeout: 10_000 })
    .toBe(before.length + 1)
  // What is open can still be read, and exported.
  expect(sound(await store.entries(attemptId, 0))).toHaveLength(5)
  await store.close()
  expect(existsSync(join(folder, 'workspace.sqlite'))).toBe(false)
  expect(readdirSync(join(folder, 'backups'))).toHaveLength(before.length + 1)
  const refused = await open(folder)
  expect(refused.ok ? '' : refused.refusal.reason).toContain('missing')
})

test('put back where it was, it goes on', async () => {
  const { folder, attemptId, older } = await begun()
  const store = sound(await open(folder))
  const database = join(folder, 'workspace.sqlite')
  renameSync(database, `${older}.moved`)
  expect((await store.append(attemptId, gesture(0, '1'))).ok).toBe(false)
  renameSync(`${older}.moved`, database)
  sound(await store.append(attemptId, gesture(0, '1')))
  await store.close()
  const again = sound(await open(folder))
  expect(sound(await again.entries(attemptId, 0))).toHaveLength(1)
  await again.close()
})

test('another process that comes, writes, and goes is no loss, however often', async () => {
  const { folder, attemptId } = await begun()
  const store = sound(await open(folder))
  let revision = 0
  for (let round = 0; round < 8; round += 1) {
    const other = sound(await open(folder))
    sound(await other.append(attemptId, gesture(revision++, `other ${round}`)))
    if (round % 2 === 0) await other.close()
    sound(await store.append(attemptId, gesture(revision++, `own ${round}`)))
    if (round % 2 === 1) await other.close()
    sound(await store.append(attemptId, gesture(revision++, `own again ${round}`)))
  }
  await store.close()
})

test.each([
  ['rows', ['DELETE FROM journal WHERE revision > 3']],
  [
    'rows and the end of the log that names them',
    [
      'DELETE FROM journal WHERE revision > 3',
      'DELETE FROM audit WHERE number > (SELECT MAX(number) - 2 FROM audit)',
    ],
  ],
])('%s deleted by another program: noticed before the next gesture is acknowledged', async (_what, acts) => {
  const { folder, attemptId } = await begun()
  const store = sound(await open(folder))
  for (let revision = 0; revision < 5; revision += 1)
    sound(await store.append(attemptId, gesture(revision, String(revision))))
  const head = readFileSync(join(folder, 'workspace.head'), 'latin1')
  const other = new DatabaseSync(join(folder, 'workspace.sqlite'), { timeout: 5_000 })
  for (const table of ['journal', 'audit']) other.exec(`DROP TRIGGER ${table}_no_delete`)
  for (const act of acts) other.exec(act)
  other.close()
  const refused = await store.append(attemptId, gesture(3, '4'))
  expect(refused.ok ? '' : refused.refusal.reason).toContain('rows were deleted from it')
  // The backup that it names is older than what was acknowledged since: it says by how much.
  expect(refused.ok ? '' : refused.refusal.next).toMatch(/ends at act \d+ of \d+: the last 5 are not in it/)
  expect(readFileSync(join(folder, 'workspace.head'), 'latin1')).toBe(head)
  expect(sound(await store.entries(attemptId, 0))).toHaveLength(3)
  await store.close()
})
