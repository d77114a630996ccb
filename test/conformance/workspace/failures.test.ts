import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Refusal, Result } from '../../../src/contract'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import { bundle } from '../../bundle'
import { quickFolder } from '../../postgres'
import { codeOf, gesture, newAttempt, newRater, sound } from './suite'

/** What can go wrong with a folder and a file: each gives words, loses nothing acknowledged, and ends nothing. */

const root = mkdtempSync(join(quickFolder(), 'margin-failures-'))
const clock = (): number => Date.UTC(2026, 0, 1)
let folders = 0
const place = (): string => join(root, String((folders += 1)))
const open: WorkspaceStore[] = []
const undo: (() => void)[] = []

afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
  for (const step of undo.splice(0).reverse()) step()
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

async function opened(folder: string, lockWaitMs = 5_000, thread?: string): Promise<WorkspaceStore> {
  const inThread = thread === undefined ? {} : { workerPath: thread }
  const store = sound(await openWorkspace(folder, { clock, lockWaitMs, ...inThread }))
  open.push(store)
  return store
}

function refused(result: Result<unknown>): Refusal {
  if (result.ok) throw new Error('not refused')
  return result.refusal
}

/** A workspace with one rater, one attempt and `gestures` gestures of `bytes` bytes. */
async function worked(
  folder: string,
  gestures: number,
  bytes = 100,
): Promise<{ store: WorkspaceStore; attemptId: string }> {
  const store = await opened(folder)
  const { raterId } = await newRater(store, 'A')
  const { attemptId } = await newAttempt(store, raterId)
  for (let revision = 0; revision < gestures; revision += 1)
    sound(await store.append(attemptId, gesture(revision, 'g', 'x'.repeat(Math.min(bytes, 80)))))
  return { store, attemptId }
}

const large = (revision: number) => {
  const box = { column: 0, row: 0, widthPx: 8, heightPx: 8 }
  const patch = { box, before: '', after: 'A'.repeat(400_000) }
  const edit = { kind: 'paint', title: 'Fill', structureId: 's', tool: 'fill', origin: null } as const
  return { ...gesture(revision, 'x'), edit: { ...edit, slices: [{ sliceIndex: 0, patch }] } }
}

/** A small disk of its own; null where we may not mount one. */
function mounted(): string | null {
  const folder = place()
  mkdirSync(folder)
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder])
  if (made.status !== 0) return null
  undo.push(() => {
    execFileSync('umount', ['--lazy', folder])
  })
  return folder
}
const canMount = ((): boolean => {
  const folder = mounted()
  for (const step of undo.splice(0)) step()
  if (folder === null)
    process.stdout.write('no right to mount a disk: tests of a full and a read-only disk skip\n')
  return folder !== null
})()

describe.skipIf(!canMount)('a disk', () => {
  test('that is full takes nothing more, keeps what it took, and goes on when there is room', async () => {
    const folder = mounted() ?? ''
    const { store, attemptId } = await worked(folder, 3)
    let revision = 3
    let result = await store.append(attemptId, large(revision))
    while (result.ok && revision < 50) {
      revision += 1
      result = await store.append(attemptId, large(revision))
    }
    expect(refused(result)).toMatchObject({
      code: 'workspace-failed',
      next: expect.stringContaining('space') as string,
    })
    expect(sound(await store.entries(attemptId, 0))).toHaveLength(revision)
    expect(sound(await store.verifyAudit()).whole).toBe(true)
    expect(codeOf(await store.append(attemptId, large(revision)))).toBe('workspace-failed')

    execFileSync('mount', ['-o', 'remount,size=40m', folder])
    sound(await store.append(attemptId, large(revision)))
    expect(sound(await store.entries(attemptId, 0))).toHaveLength(revision + 1)
    expect(codeOf(await store.check())).toBe('ok')
  })

  test('that is read-only is refused at the start, with the next step, and taken when it is not', async () => {
    const folder = mounted() ?? ''
    // In a thread of its own: closing ends it, and with it every hold on the disk.
    const thread = await bundle('src/main/workspace/store-worker.ts', 'store-worker-failures')
    const store = await opened(folder, 1_000, thread)
    const { raterId } = await newRater(store, 'A')
    await store.close()
    execFileSync('mount', ['-o', 'remount,ro', folder])
    const refusal = refused(await openWorkspace(folder, { clock }))
    expect(refusal.code).toBe('workspace-failed')
    expect(refusal.next).toContain('--workspace')
    execFileSync('mount', ['-o', 'remount,rw', folder])
    const again = await opened(folder)
    expect(sound(await again.raters())).toMatchObject([{ raterId }])
    await again.close()
  })
})

test('a folder that cannot be one is refused by name', async () => {
  const file = place()
  writeFileSync(file, 'not a folder')
  for (const folder of [file, join(file, 'below')]) {
    const refusal = refused(await openWorkspace(folder, { clock }))
    expect(refusal).toMatchObject({
      code: 'workspace-failed',
      reason: expect.stringContaining(folder) as string,
    })
  }
})

test('a database that another process holds locked is waited for, then refused, and usable after', async () => {
  const folder = place()
  const { store, attemptId } = await worked(folder, 1)
  await store.close()
  const patient = await opened(folder, 60)
  const other = new DatabaseSync(join(folder, 'workspace.sqlite'))
  other.exec('BEGIN IMMEDIATE')
  const late = gesture(1, 'late')
  expect(refused(await patient.append(attemptId, late))).toMatchObject({
    code: 'workspace-failed',
    reason: expect.stringContaining('Another program') as string,
  })
  // Reading goes on beside a writer.
  expect(sound(await patient.entries(attemptId, 0))).toHaveLength(1)
  const waiting = opened(folder, 5_000).then((store) => store.append(attemptId, late))
  other.exec('ROLLBACK')
  other.close()
  expect(sound(await waiting).revision).toBe(2)
  expect(sound(await patient.append(attemptId, late)).revision).toBe(2)
})

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a damaged database', () => {
  test('is refused with the newest good backup, left as it is, and restored as the words say', async () => {
    const folder = place()
    const { store, attemptId } = await worked(folder, 40)
    sound(await store.backUp())
    const newest = sound(await store.backUp())
    await store.close()
    // Closing made one more, and that one is damaged too.
    const backups = readdirSync(join(folder, 'backups')).sort()
    writeFileSync(join(folder, 'backups', backups.at(-1) ?? ''), 'damaged')
    const file = join(folder, 'workspace.sqlite')
    const bytes = readFileSync(file)
    // The page header of a leaf in the middle of the file.
    bytes.fill(0xa5, 4096 * 5, 4096 * 5 + 512)
    writeFileSync(file, bytes)
    const before = hashOf(file)

    const refusal = refused(await openWorkspace(folder, { clock }))
    const good = backups.at(-2) ?? ''
    expect(refusal).toMatchObject({
      code: 'workspace-failed',
      reason: expect.stringContaining('damaged') as string,
    })
    expect(refusal.next).toContain(`backups/${good}`)
    expect(hashOf(file)).toBe(before)

    rmSync(file)
    cpSync(join(folder, 'backups', good), file)
    const restored = await opened(folder)
    expect(sound(await restored.entries(attemptId, 0))).toHaveLength(40)
    expect(newest).toContain('backup-')
  })

  test('whatever byte is wrong: it is refused, or found by the check, or makes no difference', async () => {
    const folder = place()
    const { store, attemptId } = await worked(folder, 60)
    const expected = sound(await store.entries(attemptId, 0))
    await store.close()
    const good = readFileSync(join(folder, 'workspace.sqlite'))
    const outcomes = { refused: 0, found: 0, same: 0 }
    for (let seed = 0; seed < 40; seed += 1) {
      const damaged = place()
      mkdirSync(damaged)
      const bytes = Buffer.from(good)
      // Knuth's multiplicative hash spreads the places over the file.
      const at = ((seed * 2_654_435_761) >>> 0) % (bytes.length - 16)
      for (let index = 0; index < 16; index += 1) bytes[at + index] = (bytes[at + index] ?? 0) ^ 0x5a
      writeFileSync(join(damaged, 'workspace.sqlite'), bytes)
      const result = await openWorkspace(damaged, { clock })
      if (!result.ok) {
        expect(result.refusal.code).toBe('workspace-failed')
        outcomes.refused += 1
        continue
      }
      const check = await result.value.check()
      const entries = await result.value.entries(attemptId, 0)
      if (check.ok) expect(sound(entries)).toEqual(expected)
      else expect(check.refusal.code).toBe('workspace-failed')
      outcomes[check.ok ? 'same' : 'found'] += 1
      await result.value.close()
    }
    expect(outcomes.refused).toBeGreaterThan(0)
    expect(outcomes.found).toBeGreaterThan(0)
  })

  test('that is none at all, or of another program, is refused', async () => {
    const none = place()
    mkdirSync(none)
    writeFileSync(join(none, 'workspace.sqlite'), 'a text file of somebody '.repeat(100))
    expect(codeOf(await openWorkspace(none, { clock }))).toBe('workspace-failed')
    const foreign = place()
    mkdirSync(foreign)
    const database = new DatabaseSync(join(foreign, 'workspace.sqlite'))
    database.exec('CREATE TABLE recipes (name TEXT)')
    database.close()
    const refusal = refused(await openWorkspace(foreign, { clock }))
    expect(refusal.reason).toContain('not a workspace of Margin')
  })
})

describe('a workspace', () => {
  test('moves by copying its folder', async () => {
    const folder = place()
    const { store, attemptId } = await worked(folder, 10)
    await store.close()
    const moved = place()
    cpSync(folder, moved, { recursive: true })
    const there = await opened(moved)
    expect(sound(await there.entries(attemptId, 0))).toHaveLength(10)
    sound(await there.append(attemptId, gesture(10, 'there')))
    expect(codeOf(await there.check())).toBe('ok')
  })

  test('is copied while it is written to, each backup opens by itself, and the newest five are kept', async () => {
    const folder = place()
    const { store, attemptId } = await worked(folder, 5)
    for (let number = 0; number < 7; number += 1) {
      const backup = store.backUp()
      const append = store.append(attemptId, gesture(5 + number, 'g'))
      sound(await append)
      sound(await backup)
    }
    const names = readdirSync(join(folder, 'backups')).sort()
    expect(names.map((name) => name.slice(0, 13))).toEqual([3, 4, 5, 6, 7].map((n) => `backup-00000${n}`))
    const copy = place()
    mkdirSync(copy)
    cpSync(join(folder, 'backups', names.at(-1) ?? ''), join(copy, 'workspace.sqlite'))
    const there = await opened(copy)
    expect(sound(await there.entries(attemptId, 0)).length).toBeGreaterThanOrEqual(11)
    expect(codeOf(await there.check())).toBe('ok')
  })

  test('backs itself up beside the work and at its end', async () => {
    const folder = place()
    const { store } = await worked(folder, 210)
    await expect.poll(() => readdirSync(join(folder, 'backups')).length, { timeout: 10_000 }).toBe(1)
    await store.close()
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(2)
    // Nothing new, nothing to copy.
    await (await opened(folder)).close()
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(2)
  })
})
