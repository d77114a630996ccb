import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { DocumentEdit, PanelProtocol, Refusal, Result } from '../../../src/contract'
import { createWorkspaceServices } from '../../../src/main/compose/create-workspace-services'
import { migrations } from '../../../src/main/workspace/database/migrations'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import { quickFolder, startPostgres } from '../../postgres'
import { drawing, libraryOfPlace, openCase, openPlace, readCase, SERIES } from '../blinding/annotation-places'
import { gesture, newAttempt, newRater, sound } from './suite'

/** What was acknowledged is there, or the program says that it is not: never a new workspace over an old one. */

const root = mkdtempSync(join(quickFolder(), 'margin-loss-'))
const clock = (): number => Date.UTC(2026, 0, 1)
let folders = 0
const place = (): string => join(root, String((folders += 1)))
const open: WorkspaceStore[] = []
afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

async function opened(folder: string): Promise<WorkspaceStore> {
  const store = sound(await openWorkspace(folder, { clock }))
  open.push(store)
  return store
}

async function refusalAt(folder: string): Promise<Refusal> {
  const result: Result<WorkspaceStore> = await openWorkspace(folder, { clock })
  if (result.ok) {
    await result.value.close()
    throw new Error('opened')
  }
  return result.refusal
}

/** A closed workspace with `gestures` gestures, of which closing made a backup. */
async function worked(folder: string, gestures: number): Promise<string> {
  const store = sound(await openWorkspace(folder, { clock }))
  const { raterId } = await newRater(store, 'A')
  const { attemptId } = await newAttempt(store, raterId)
  for (let revision = 0; revision < gestures; revision += 1)
    sound(await store.append(attemptId, gesture(revision, `g${revision}`)))
  await store.close()
  return attemptId
}

const backupsOf = (folder: string): string[] => readdirSync(join(folder, 'backups')).sort()

describe('a database that is gone', () => {
  test.each(['missing', 'empty'] as const)(
    'because it is %s is refused with the newest backup, again and again, and nothing is begun over it',
    async (how) => {
      const folder = place()
      const attemptId = await worked(folder, 12)
      const file = join(folder, 'workspace.sqlite')
      if (how === 'missing') rmSync(file)
      else truncateSync(file)
      const before = backupsOf(folder)
      for (let start = 0; start < 8; start += 1) {
        const refusal = await refusalAt(folder)
        expect(refusal).toMatchObject({ code: 'workspace-failed', path: file })
        expect(refusal.reason).toContain(how)
        expect(refusal.next).toContain(`backups/${before.at(-1) ?? ''}`)
        expect(refusal.next).toContain('the newest good backup, which holds all that was acknowledged:')
      }
      expect(backupsOf(folder)).toEqual(before)
      expect(existsSync(file) && statSync(file).size > 0).toBe(false)

      // As the words say.
      renameSync(join(folder, 'workspace.head'), join(root, `head-${how}`))
      cpSync(join(folder, 'backups', before.at(-1) ?? ''), file)
      expect(sound(await (await opened(folder)).entries(attemptId, 0))).toHaveLength(12)
    },
  )

  test('does not forbid a folder that a process was killed in before its first write', async () => {
    const folder = place()
    mkdirSync(folder)
    writeFileSync(join(folder, 'workspace.sqlite'), '')
    expect(sound(await (await opened(folder)).raters())).toEqual([])
  })
})

test.each(['deleted', 'emptied'] as const)(
  'a write-ahead log that was %s is noticed, and put back it goes on',
  async (how) => {
    const folder = place()
    const attemptId = await worked(folder, 3)
    const store = await opened(folder)
    for (let revision = 3; revision < 9; revision += 1)
      sound(await store.append(attemptId, gesture(revision, `g${revision}`)))
    // As a process that was killed leaves it: the last gestures stand in the log alone.
    const killed = place()
    cpSync(folder, killed, { recursive: true })
    const log = join(killed, 'workspace.sqlite-wal')
    const bytes = readFileSync(log)
    expect(bytes.length).toBeGreaterThan(0)
    rmSync(join(killed, 'workspace.sqlite-shm'))
    if (how === 'deleted') rmSync(log)
    else truncateSync(log)
    const refusal = await refusalAt(killed)
    expect(refusal.reason).toContain('write-ahead log')
    expect(refusal.next).toContain('backups/backup-')
    // Six gestures, and nothing else, since the backup.
    expect(refusal.next).toMatch(/That backup ends at act \d+ of \d+: the last 6 are not in it\./)
    writeFileSync(log, bytes)
    expect(sound(await (await opened(killed)).entries(attemptId, 0))).toHaveLength(9)
  },
)

test('backups are not rotated away below the last that held more', async () => {
  const folder = place()
  await worked(folder, 30)
  const fullest = backupsOf(folder).at(-1) ?? ''
  // Somebody began anew in the same folder, whatever the words said.
  for (const name of readdirSync(folder)) if (name.startsWith('workspace.')) rmSync(join(folder, name))
  const hidden = place()
  renameSync(join(folder, 'backups'), hidden)
  await worked(folder, 1)
  rmSync(join(folder, 'backups'), { recursive: true })
  renameSync(hidden, join(folder, 'backups'))
  const store = await opened(folder)
  for (let made = 0; made < 9; made += 1) sound(await store.backUp())
  expect(backupsOf(folder)).toContain(fullest)
  expect(backupsOf(folder)).toHaveLength(6)
})

const newProtocol: PanelProtocol = {
  ...{ blind: true, startFromModel: false, repeatShare: 0, seed: 1 },
  reveal: 'own-commit',
}

/** A closed workspace in which every table has a row, in the folder and in its backups. */
async function everyTable(folder: string): Promise<readonly string[]> {
  const store = sound(await openWorkspace(folder, { clock }))
  const owner = sound(await store.addRater({ name: 'Owner', role: 'owner', passwordHash: null }, null))
  const { raterId } = await newRater(store, 'A')
  const by = owner.raterId
  sound(await store.setPassword(raterId, { passwordHash: 'x', oneTime: true }, by))
  sound(await store.retireRater(raterId, true, by))
  const words = { instructions: '', target: '', labels: [] }
  const seen = { raterId: by, position: 1, subject: 'image s', isRepeat: false } as const
  const panel = sound(
    await store.addPanel({ name: 'P', protocol: newProtocol, words, raterIds: [by] }, [seen], by),
  )
  sound(await store.editPanel(panel.panelId, { name: 'Q', ...words }, by))
  const { attemptId } = await newAttempt(store, by)
  sound(await store.append(attemptId, gesture(0, 'g')))
  sound(await store.commit({ attemptId, expectedRevision: 1, digest: 'd', readingMs: 1, slicesSeen: 1 }))
  sound(await store.expose(by, 'image t', { kind: 'model', shownMs: null, detail: '' }))
  sound(
    await store.addImport({ subject: 'image t', reader: 'R', importedBy: by, source: 's', content: '{}' }),
  )
  sound(await store.closePanel(panel.panelId, by))
  sound(await store.addTrainingRecord({ kind: 'set', key: 'k', body: '{}' }, by))
  const step = { entryId: randomUUID(), measurementId: randomUUID(), state: null, undoes: null }
  sound(await store.measure(by, 'image t', step))
  const { entryId, state, undoes } = { ...step, entryId: randomUUID() }
  sound(await store.markPlace(by, 'image t', { entryId, placeId: randomUUID(), state, undoes }))
  await store.close()
  return migrations.flatMap(({ tables }) => tables.map(([name]) => name)).filter((name) => name !== 'audit')
}

/** By somebody with the file, who takes the guards off and leaves the file whole. */
function emptied(folder: string, table: string): void {
  const database = new DatabaseSync(join(folder, 'workspace.sqlite'))
  database.exec(`PRAGMA foreign_keys = off; DROP TRIGGER ${table}_no_delete; DELETE FROM ${table}`)
  database.close()
}

test('a table that was emptied, the file whole, is refused with the newest backup; none is begun and no backup goes', async () => {
  const folder = place()
  const tables = await everyTable(folder)
  for (const table of tables) {
    const harmed = place()
    cpSync(folder, harmed, { recursive: true })
    emptied(harmed, table)
    const before = backupsOf(harmed)
    const refusal = await refusalAt(harmed)
    expect(refusal.reason, table).toContain('rows were deleted')
    expect(refusal.next).toContain(`backups/${before.at(-1) ?? ''}`)
    expect(backupsOf(harmed)).toEqual(before)
  }
  expect(tables).toContain('journal')
  sound(await (await opened(folder)).raters())
})

test('a journal that is emptied while the program runs makes no backup, and the good ones stay', async () => {
  const folder = place()
  const attemptId = await worked(folder, 3)
  const store = await opened(folder)
  sound(await store.append(attemptId, gesture(3, 'g')))
  emptied(folder, 'journal')
  const before = backupsOf(folder)
  for (let made = 0; made < 6; made += 1) expect((await store.backUp()).ok).toBe(false)
  expect(backupsOf(folder)).toEqual(before)
})

test.skipIf(process.platform === 'win32')(
  'a pipe or a folder where a file of the workspace belongs is refused by name, and a backup that is a pipe is none',
  async () => {
    const folder = place()
    const attemptId = await worked(folder, 2)
    const head = readFileSync(join(folder, 'workspace.head'))
    const spoil: readonly (readonly [string, (path: string) => void])[] = [
      ['workspace.head', (path) => execFileSync('mkfifo', [path])],
      [
        'workspace.head',
        (path) => {
          mkdirSync(path)
        },
      ],
      ['workspace.sqlite-wal', (path) => execFileSync('mkfifo', [path])],
    ]
    for (const [name, put] of spoil) {
      rmSync(join(folder, name), { force: true })
      put(join(folder, name))
      expect((await refusalAt(folder)).reason).toContain(`${name} in the workspace ${folder} is no file`)
      rmSync(join(folder, name), { recursive: true })
    }
    writeFileSync(join(folder, 'workspace.head'), head)
    execFileSync('mkfifo', [join(folder, 'backups', 'backup-000099-x.sqlite')])
    expect(sound(await (await opened(folder)).entries(attemptId, 0))).toHaveLength(2)
    for (const store of open.splice(0)) await store.close()
    rmSync(join(folder, 'workspace.sqlite'))
    expect((await refusalAt(folder)).next).toMatch(/copy backups\/backup-0000\d\d-2/)
  },
)

test('unfinished backups of processes that are gone are swept at the start; one in the making is left', async () => {
  const folder = place()
  await worked(folder, 1)
  const names = ['unfinished-999999999-3.sqlite', 'unfinished-999999999-3.sqlite-journal']
  for (const name of names) writeFileSync(join(folder, 'backups', name), 'half')
  writeFileSync(join(folder, 'backups', `unfinished-${process.pid}-9.sqlite`), 'in the making')
  // By the clock of the test this minute's file is of the future, so not old.
  await opened(folder)
  expect(backupsOf(folder).filter((name) => name.startsWith('unfinished'))).toEqual([
    `unfinished-${process.pid}-9.sqlite`,
  ])
})

test.skipIf(process.platform === 'win32')(
  'nobody else may read what was drawn: new files, backups, and those of earlier versions',
  async () => {
    const folder = place()
    await worked(folder, 2)
    const modes = (): string[] =>
      ['.', ...readdirSync(folder, { recursive: true }).map(String)].flatMap((name) => {
        const found = statSync(join(folder, name))
        return (found.mode & 0o077) === 0 ? [] : [`${name} ${(found.mode & 0o777).toString(8)}`]
      })
    expect(modes()).toEqual([])
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'workspace.sqlite'), 0o644)
    chmodSync(join(folder, 'backups', backupsOf(folder)[0] ?? ''), 0o644)
    await opened(folder)
    expect(modes()).toEqual([])
    // A folder that holds other things is not closed to those who use them.
    const shared = place()
    mkdirSync(shared)
    writeFileSync(join(shared, 'notes.txt'), '')
    chmodSync(shared, 0o755)
    await worked(shared, 1)
    expect(statSync(shared).mode & 0o777).toBe(0o755)
  },
)

/** A commit through one server while another appends between its look at the journal and its write. */
async function race(location: string): Promise<{ committed: Result<unknown>; digestFits: boolean }> {
  const library = libraryOfPlace()
  const readings = {
    importAnnotations: () => Promise.reject(new Error('none')),
    of: () => null,
  }
  const openStore = (): Promise<Result<WorkspaceStore>> =>
    openWorkspace(location, { clock: () => Date.now() })
  const other = sound(await openStore())
  let meanwhile: (() => Promise<unknown>) | null = null
  const held = async (): Promise<Result<WorkspaceStore>> => {
    const store = sound(await openStore())
    const entries: WorkspaceStore['entries'] = async (attemptId, after) => {
      const read = await store.entries(attemptId, after)
      const act = meanwhile
      meanwhile = null
      await act?.()
      return read
    }
    return { ok: true, value: { ...store, entries } }
  }
  const onWorkspace = createWorkspaceServices({
    ...{ open: held, location, accounts: false, library, readings, writeWorkerPath: null, version: '0' },
    nowMs: () => performance.now(),
  })
  const rater = (await onWorkspace.accounts.raterOf(null))?.rater ?? null
  if (rater === null) throw new Error('nobody')
  const subject = { kind: 'series', seriesUid: SERIES } as const
  const { attempt } = sound(await onWorkspace.attempts.open(rater, { subject, blind: true, panelId: null }))
  const nothing = { verdict: null, reason: '', confidence: null, comment: '' } as const
  const answer: DocumentEdit = {
    ...{ kind: 'answer', title: 'Nothing here', from: nothing, to: { ...nothing, verdict: 'nothing' } },
  }
  sound(
    await onWorkspace.attempts.append(rater, attempt.attemptId, {
      ...{ entryId: randomUUID(), expectedRevision: 0, edit: answer, undoes: null },
    }),
  )
  const outline = drawing(10, 10, 8)
  const edit = outline.kind === 'several' ? { ...outline, edits: outline.edits.slice(0, 2) } : outline
  meanwhile = () =>
    other.append(attempt.attemptId, { entryId: randomUUID(), expectedRevision: 1, edit, undoes: null })
  const commitment = { expectedRevision: 2, readingMs: 0, slicesSeen: 1 }
  const committed = await onWorkspace.attempts.commit(rater, attempt.attemptId, commitment)
  const stored = sound(await other.attempt(attempt.attemptId))
  const again = await onWorkspace.attempts.detail(rater, attempt.attemptId)
  await onWorkspace.closeWorkspace()
  await other.close()
  return { committed, digestFits: stored.digest === null || again.ok }
}

test('a commit never fixes one document under the digest of another, in a folder', async () => {
  const { committed, digestFits } = await race(place())
  expect(committed).toMatchObject({ ok: false, refusal: { code: 'revision-conflict' } })
  expect(digestFits).toBe(true)
})

const server = await startPostgres()
afterAll(() => server?.stop())
test.skipIf(server === null)('nor on a PostgreSQL server', async () => {
  const { committed, digestFits } = await race((await server?.database()) ?? '')
  expect(committed).toMatchObject({ ok: false, refusal: { code: 'revision-conflict' } })
  expect(digestFits).toBe(true)
})

test('a committed reading that was changed past Margin is refused by name wherever it would be given out', async () => {
  const server = await openPlace()
  const owner = await server.signIn('Owner')
  const a = await server.signIn('A')
  const attemptId = await readCase(a, null, drawing(10, 10, 8))
  await readCase(owner, null, drawing(11, 10, 8))
  // By somebody with the file and the time to take the guards off.
  const database = new DatabaseSync(join(server.folder, 'workspace.sqlite'))
  database.exec('DROP TRIGGER journal_no_update')
  const other = JSON.stringify(drawing(20, 20, 4)).replaceAll("'", "''")
  database.exec(`UPDATE journal SET edit = '${other}' WHERE attempt_id = '${attemptId}'`)
  database.close()
  const again = await server.reopen()
  const reader = await again.signIn('A')
  const asker = await again.signIn('Owner')
  const subject = { kind: 'series', seriesUid: SERIES }
  const ways = [
    reader.get(`/api/attempts/${attemptId}`),
    asker.get(`/api/comparisons?seriesUid=${SERIES}`),
    asker.post('/api/exports', { subject, panelId: null, format: 'coco', readingIds: [], consensus: 'none' }),
  ]
  for (const answer of await Promise.all(ways)) {
    expect(answer.code).toBe('annotation-damaged')
    expect(answer.text).toContain(attemptId)
  }
  // What nobody changed is shown as before.
  expect(await openCase(asker, null)).not.toBe(attemptId)
})
