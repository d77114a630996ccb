import { createHash, randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { AuditEntry, DocumentEdit, Measurement, NewEntry, Result } from '../../../src/contract'
import { canonicalJson } from '../../../src/core/annotation/canonical-json'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { StoredAttempt, StoredRater, WorkspaceStore } from '../../../src/main/workspace/store'

/** What every store of a workspace must hold to, whatever database it stands on. */

export function sound<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}
export const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)

export const SUBJECT = 'series:1.2.3'

export const gesture = (expectedRevision: number, title: string, value = title): NewEntry => {
  const edit: DocumentEdit = { kind: 'rename-structure', title, structureId: 's', from: 'a', to: value }
  return { entryId: randomUUID(), expectedRevision, edit, undoes: null }
}

export const newRater = async (store: WorkspaceStore, name: string): Promise<StoredRater> =>
  sound(await store.addRater({ name, role: 'reader', passwordHash: null }, null))

export const newAttempt = async (
  store: WorkspaceStore,
  raterId: string,
  blind = false,
  subject = SUBJECT,
): Promise<StoredAttempt> =>
  sound(
    await store.openAttempt({
      subject,
      raterId,
      panelId: null,
      casePosition: null,
      blind,
      widthPx: 8,
      heightPx: 8,
    }),
  )

export interface SuitePlace {
  /** The built thread of the store; null: it works in the test's own. */
  readonly workerPath: string | null
  /** Another empty place each time: a folder or an address. */
  readonly location: () => Promise<string>
  /** Runs a statement past the store, as another program would; rejects what the database refuses. */
  readonly tamper: (location: string, statement: string) => Promise<void>
}

const START_MS = Date.UTC(2026, 0, 1)

export function workspaceSuite(name: string, place: SuitePlace): void {
  const open: WorkspaceStore[] = []
  let nowMs = START_MS
  const clock = (): number => (nowMs += 5)

  async function reopen(location: string): Promise<WorkspaceStore> {
    const thread = place.workerPath === null ? {} : { workerPath: place.workerPath }
    const store = sound(await openWorkspace(location, { clock, ...thread }))
    open.push(store)
    return store
  }
  const fresh = async (): Promise<WorkspaceStore> => reopen(await place.location())

  afterEach(async () => {
    nowMs = START_MS
    for (const store of open.splice(0)) await store.close()
  })

  describe(`the workspace on ${name}`, () => {
    test('keeps what was appended, in order, through a restart', async () => {
      const location = await place.location()
      const store = await reopen(location)
      const rater = await newRater(store, 'A')
      const { attemptId } = await newAttempt(store, rater.raterId)
      const sent = ['one', 'two', 'three'].map((title, index) =>
        gesture(index, title, `${title} π 😀 \u0000`),
      )
      for (const entry of sent) sound(await store.append(attemptId, entry))
      await store.close()

      const again = await reopen(location)
      const entries = sound(await again.entries(attemptId, 0))
      expect(entries.map(({ entryId, edit, revision }) => ({ entryId, edit, revision }))).toEqual(
        sent.map(({ entryId, edit }, index) => ({ entryId, edit, revision: index + 1 })),
      )
      expect(sound(await again.entries(attemptId, 2)).map(({ revision }) => revision)).toEqual([3])
      expect(sound(await again.attempt(attemptId)).revision).toBe(3)
      expect(sound(await again.raters())).toEqual([rater])
    })

    test('stores an entry once, refuses another revision, and takes nothing after the commit', async () => {
      const store = await fresh()
      const { raterId } = await newRater(store, 'A')
      const { attemptId } = await newAttempt(store, raterId)
      const first = gesture(0, 'first')
      const stored = sound(await store.append(attemptId, first))
      expect(sound(await store.append(attemptId, first))).toEqual(stored)
      expect(codeOf(await store.append(attemptId, gesture(0, 'late')))).toBe('revision-conflict')
      expect(codeOf(await store.append(attemptId, { ...gesture(1, 'no'), undoes: 2 }))).toBe(
        'request-invalid',
      )
      expect(codeOf(await store.append('none', first))).toBe('not-found')

      const commit = { attemptId, expectedRevision: 1, digest: 'd', readingMs: 3_000_000_000, slicesSeen: 7 }
      expect(codeOf(await store.commit({ ...commit, expectedRevision: 0 }))).toBe('revision-conflict')
      const committed = sound(await store.commit(commit))
      expect(committed).toMatchObject({
        state: 'committed',
        digest: 'd',
        readingMs: 3_000_000_000,
        slicesSeen: 7,
      })
      expect(sound(await store.commit(commit))).toEqual(committed)
      expect(codeOf(await store.commit({ ...commit, digest: 'e' }))).toBe('attempt-fixed')
      expect(codeOf(await store.append(attemptId, gesture(1, 'after')))).toBe('attempt-fixed')
      // An answer that was lost before the commit is given again.
      expect(sound(await store.append(attemptId, first))).toEqual(stored)
    })

    test('goes on with the open draft, counts attempts, and takes none after the lock', async () => {
      const store = await fresh()
      const { raterId } = await newRater(store, 'A')
      const first = await newAttempt(store, raterId)
      expect(await newAttempt(store, raterId)).toEqual(first)
      expect(codeOf(await store.lock(first.attemptId, null))).toBe('request-invalid')
      const commit = { expectedRevision: 0, digest: 'd', readingMs: 0, slicesSeen: 0 }
      sound(await store.commit({ ...commit, attemptId: first.attemptId }))
      const second = await newAttempt(store, raterId)
      expect([first.number, second.number]).toEqual([1, 2])
      sound(await store.commit({ ...commit, attemptId: second.attemptId }))
      expect(sound(await store.lock(second.attemptId, null)).state).toBe('locked')
      const third = await store.openAttempt({ ...second, panelId: null, casePosition: null, blind: false })
      expect(codeOf(third)).toBe('attempt-fixed')
      expect(sound(await store.attemptsOfRater(raterId)).map(({ state }) => state)).toEqual([
        'committed',
        'locked',
      ])
      expect(sound(await store.attemptsOfSubject(SUBJECT))).toHaveLength(2)
    })

    test('writes no exposure into a blind draft, and calls nothing blind after one', async () => {
      const store = await fresh()
      const { raterId } = await newRater(store, 'A')
      const other = await newRater(store, 'B')
      const seen = { kind: 'model', shownMs: null, detail: 'run 1' } as const
      const blind = await newAttempt(store, raterId, true)
      expect(blind.blind).toBe(true)
      expect(codeOf(await store.expose(raterId, SUBJECT, seen))).toBe('blind')
      expect(codeOf(await store.expose(other.raterId, SUBJECT, seen))).toBe('ok')
      const { attemptId } = blind
      sound(await store.commit({ attemptId, expectedRevision: 0, digest: 'd', readingMs: 0, slicesSeen: 0 }))
      sound(await store.expose(raterId, SUBJECT, seen))
      const [exposure] = sound(await store.exposures(raterId, SUBJECT))
      expect(exposure).toMatchObject(seen)
      expect((exposure?.at ?? '') > (sound(await store.attempt(attemptId)).committedAt ?? '~')).toBe(true)
      expect((await newAttempt(store, raterId, true)).blind).toBe(false)
      expect((await newAttempt(store, other.raterId, true)).blind).toBe(false)
    })

    test('keeps panels with their cases, and attempts at a case and at its repeat apart', async () => {
      const store = await fresh()
      const a = await newRater(store, 'A')
      const b = await newRater(store, 'B')
      const protocol = {
        blind: true,
        reveal: 'own-commit',
        startFromModel: false,
        repeatShare: 0.5,
        seed: 7,
      } as const
      const cases = [
        { raterId: a.raterId, position: 1, subject: SUBJECT, isRepeat: false },
        { raterId: a.raterId, position: 2, subject: SUBJECT, isRepeat: true },
        { raterId: b.raterId, position: 1, subject: 'image:f', isRepeat: false },
      ]
      const raterIds = [a.raterId, b.raterId]
      const words = {
        instructions: 'Solid parts alone.\nπ',
        target: 'Nodule',
        labels: ['Solid', 'Part-solid'],
      }
      const panel = sound(await store.addPanel({ name: 'P', protocol, words, raterIds }, cases, a.raterId))
      expect(sound(await store.panels())).toEqual([panel])
      const kept = sound(await store.casesOfPanel(panel.panelId))
      expect(new Set(kept.map((one) => canonicalJson(one)))).toEqual(
        new Set(cases.map((one) => canonicalJson({ ...one, panelId: panel.panelId }))),
      )
      expect(sound(await store.casesOfSubject('image:f'))).toHaveLength(1)
      const twice = [...cases, { raterId: a.raterId, position: 2, subject: 'image:g', isRepeat: false }]
      expect(codeOf(await store.addPanel({ name: 'Q', protocol, words, raterIds }, twice, a.raterId))).toBe(
        'request-invalid',
      )
      expect(
        codeOf(await store.addPanel({ name: 'R', protocol, words, raterIds: ['x'] }, [], a.raterId)),
      ).toBe('request-invalid')
      expect(sound(await store.panels())).toHaveLength(1)

      const at = {
        subject: SUBJECT,
        raterId: a.raterId,
        panelId: panel.panelId,
        blind: true,
        widthPx: 8,
        heightPx: 8,
      }
      const first = sound(await store.openAttempt({ ...at, casePosition: 1 }))
      const repeat = sound(await store.openAttempt({ ...at, casePosition: 2 }))
      expect(repeat.attemptId).not.toBe(first.attemptId)
      expect([first.number, repeat.number]).toEqual([1, 1])
      expect(codeOf(await store.openAttempt({ ...at, casePosition: 3 }))).toBe('not-found')
      expect(sound(await store.attemptsOfPanel(panel.panelId))).toHaveLength(2)
    })

    test('knows raters by name without case; the newest password counts', async () => {
      const store = await fresh()
      const added = await store.addRater({ name: ' Reader 1 ', role: 'owner', passwordHash: 'h1' }, null)
      const { raterId, name, pseudonym } = sound(added)
      expect([name, pseudonym]).toEqual(['Reader 1', 'R1'])
      const again = await store.addRater({ name: 'READER 1', role: 'reader', passwordHash: null }, raterId)
      expect(codeOf(again)).toBe('request-invalid')
      sound(await store.setPassword(raterId, { passwordHash: 'h2', oneTime: false }, raterId))
      expect(sound(await store.raters()).map(({ passwordHash }) => passwordHash)).toEqual(['h2'])
      expect(codeOf(await store.setPassword('none', { passwordHash: 'h', oneTime: false }, raterId))).toBe(
        'not-found',
      )
      const half = await store.addRater({ name: 'half \ud800', role: 'reader', passwordHash: null }, raterId)
      expect(codeOf(half)).toBe('request-invalid')
      expect(sound(await store.raters())).toHaveLength(1)
    })

    test('keeps what came in from files, of several megabytes', async () => {
      const store = await fresh()
      const { raterId } = await newRater(store, 'A')
      const content = JSON.stringify({ runs: 'é'.repeat(2_000_000) })
      const one = { subject: SUBJECT, reader: 'Reader 3', importedBy: raterId, source: 'a.xml', content }
      const stored = sound(await store.addImport(one))
      expect(sound(await store.importsOfSubject(SUBJECT))).toEqual([{ ...one, ...stored }])
      expect(sound(await store.importsOfSubject('series:9'))).toEqual([])
      const { attemptId } = await newAttempt(store, raterId)
      const box = { column: 0, row: 0, widthPx: 8, heightPx: 8 }
      const patch = { box, before: '', after: 'A'.repeat(3_000_000) }
      const edit = { kind: 'paint', title: 'Fill', structureId: 's', tool: 'fill', origin: null } as const
      const paint: DocumentEdit = { ...edit, slices: [{ sliceIndex: 3, patch }] }
      sound(await store.append(attemptId, { ...gesture(0, 'x'), edit: paint }))
      expect(sound(await store.entries(attemptId, 0))[0]?.edit).toEqual(paint)
      expect(sound(await store.verifyAudit()).whole).toBe(true)
    })

    test('gives times that rise from act to act when the clock is set back', async () => {
      const store = await fresh()
      const { raterId } = await newRater(store, 'A')
      const { attemptId } = await newAttempt(store, raterId)
      const times: string[] = []
      for (const [index, stepMs] of [0, -86_400_000, 0, -3_600_000, 172_800_000].entries()) {
        nowMs += stepMs
        times.push(sound(await store.append(attemptId, gesture(index, 'g'))).at)
      }
      expect(times).toEqual([...new Set(times)].sort())
      const noted = sound(await store.auditEntries(0, 100)).filter(({ about }) => 'clockBehindMs' in about)
      expect(noted.length).toBeGreaterThan(0)
    })

    test('chains every act, and computes the chain by the published rule', async () => {
      const store = await fresh()
      const { raterId } = await newRater(store, 'A')
      const { attemptId } = await newAttempt(store, raterId)
      for (let revision = 0; revision < 60; revision += 1)
        sound(await store.append(attemptId, gesture(revision, 'g')))
      sound(await store.audit({ raterId, act: 'export', about: { files: 2 } }))
      const entries = sound(await store.auditEntries(0, 1000))
      expect(entries.map(({ act }) => act)).toEqual([
        'add-rater',
        'open-attempt',
        ...Array.from({ length: 60 }, () => 'append'),
        'export',
      ])
      let previous = '0'.repeat(64)
      for (const { hash, previousHash, ...rest } of entries) {
        expect(previousHash).toBe(previous)
        previous = createHash('sha256')
          .update(`${previousHash}\n${canonicalJson(rest)}`)
          .digest('hex')
        expect(hash).toBe(previous)
      }
      expect(sound(await store.verifyAudit())).toEqual({
        entries: 63,
        whole: true,
        brokenAt: null,
        head: previous,
      })
      expect(sound(await store.auditEntries(61, 1)).map(({ number }: AuditEntry) => number)).toEqual([62])
      expect(codeOf(await store.check())).toBe('ok')
    })

    test('refuses to change or delete a row, and finds one that was put in or changed by force', async () => {
      const location = await place.location()
      const store = await reopen(location)
      const { raterId } = await newRater(store, 'A')
      const { attemptId } = await newAttempt(store, raterId)
      sound(await store.append(attemptId, gesture(0, 'one')))
      sound(
        await store.addImport({
          subject: SUBJECT,
          reader: 'r',
          importedBy: raterId,
          source: 's',
          content: '{}',
        }),
      )
      const statements = [
        'UPDATE journal SET undoes = 1',
        'DELETE FROM journal',
        'DELETE FROM audit',
        "UPDATE audit SET act = 'x'",
        "UPDATE exposure SET kind = 'x'",
        "UPDATE imported_reading SET content = 'x'",
        'DELETE FROM attempt_end',
        "UPDATE attempt SET subject = 'x'",
        "UPDATE rater SET role = 'owner'",
      ]
      // An exposure, so that no table is empty where a row-wise trigger would not fire.
      sound(await store.expose(raterId, SUBJECT, { kind: 'peers', shownMs: 1, detail: '' }))
      sound(await store.commit({ attemptId, expectedRevision: 1, digest: 'd', readingMs: 0, slicesSeen: 0 }))
      for (const statement of statements)
        await expect(place.tamper(location, statement), statement).rejects.toThrow('append-only')
      expect(sound(await store.verifyAudit()).whole).toBe(true)

      await place.tamper(
        location,
        `INSERT INTO journal VALUES ('${attemptId}', 2, '${randomUUID()}', '2026-01-01T00:00:00.000Z', '{}', NULL, 3)`,
      )
      expect(sound(await store.verifyAudit())).toMatchObject({ whole: false, brokenAt: 3, entries: 2 })
      expect(codeOf(await store.check())).toBe('workspace-failed')
      expect(codeOf(await store.entries(attemptId, 0))).toBe('workspace-failed')
    })

    test('keeps the steps of measurements, each rater their own, through a restart, and a step sent twice once', async () => {
      const location = await place.location()
      const store = await reopen(location)
      const [a, b] = [await newRater(store, 'A'), await newRater(store, 'B')]
      const measurementId = randomUUID()
      const state: Measurement = {
        ...{ measurementId, name: 'Nodule, π', shape: 'ruler', place: { sliceIndex: 1 } },
        points: [
          { column: 1.25, row: 2 },
          { column: 3, row: 4 },
        ],
      }
      const first = { entryId: randomUUID(), measurementId, state, undoes: null }
      const laid = sound(await store.measure(a.raterId, SUBJECT, first))
      expect(sound(await store.measure(a.raterId, SUBJECT, first))).toEqual(laid)
      expect(codeOf(await store.measure(b.raterId, SUBJECT, first))).toBe('request-invalid')
      const gone = { entryId: randomUUID(), measurementId, state: null, undoes: 1 }
      sound(await store.measure(a.raterId, SUBJECT, gone))
      expect(
        codeOf(await store.measure(a.raterId, SUBJECT, { ...gone, entryId: randomUUID(), undoes: 9 })),
      ).toBe('request-invalid')
      await store.close()
      const again = await reopen(location)
      const steps = sound(await again.measurements(a.raterId, SUBJECT))
      expect(steps.map(({ number, state: now, undoes }) => [number, now, undoes])).toEqual([
        [1, state, null],
        [2, null, 1],
      ])
      expect(sound(await again.measurements(b.raterId, SUBJECT))).toEqual([])
      expect(sound(await again.measurements(a.raterId, 'series:9'))).toEqual([])
      await expect(place.tamper(location, "UPDATE measurement SET state = '{}'")).rejects.toThrow(
        'append-only',
      )
      expect(sound(await again.verifyAudit()).whole).toBe(true)
    })

    test('holds two hundred measurements of one person on one image, and a megabyte of their steps; deleting goes on', async () => {
      const location = await place.location()
      const store = await reopen(location)
      const [a, b] = [await newRater(store, 'A'), await newRater(store, 'B')]
      const measure = async (raterId: string, measurementId: string, corners: number) => {
        const points = Array.from({ length: corners }, (_unused, at) => ({
          column: at + 0.123456789,
          row: 0.5,
        }))
        const state: Measurement = {
          ...{ measurementId, name: 'A', shape: 'polygon', place: { sliceIndex: 1 }, points },
        }
        return store.measure(raterId, SUBJECT, { entryId: randomUUID(), measurementId, state, undoes: null })
      }
      const first = randomUUID()
      sound(await measure(a.raterId, first, 3))
      for (let at = 1; at < 200; at += 1) sound(await measure(a.raterId, randomUUID(), 3))
      expect(codeOf(await measure(a.raterId, randomUUID(), 3))).toBe('limit-reached')
      // One that is there may still be moved, and one that goes makes room.
      sound(await measure(a.raterId, first, 4))
      const gone = { entryId: randomUUID(), measurementId: first, state: null, undoes: null }
      sound(await store.measure(a.raterId, SUBJECT, gone))
      sound(await measure(a.raterId, randomUUID(), 3))
      let steps = 0
      const large = randomUUID()
      while ((await measure(b.raterId, large, 1000)).ok) steps += 1
      expect(steps).toBeGreaterThan(20)
      expect(steps).toBeLessThan(40)
      const away = { entryId: randomUUID(), measurementId: large, state: null, undoes: null }
      sound(await store.measure(b.raterId, SUBJECT, away))
      await store.close()
    })

    test('lets many write at once: nothing lost, nothing reordered within a rater', async () => {
      const location = await place.location()
      const stores = [await reopen(location), await reopen(location)]
      const writers = 8
      const gestures = 125
      const attempts = await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          const store = stores[writer % stores.length] as WorkspaceStore
          const { raterId } = await newRater(store, `Reader ${writer}`)
          const { attemptId } = await newAttempt(store, raterId)
          for (let index = 0; index < gestures; index += 1)
            sound(await store.append(attemptId, gesture(index, `${writer}:${index}`)))
          return attemptId
        }),
      )
      const store = stores[0] as WorkspaceStore
      for (const [writer, attemptId] of attempts.entries()) {
        const titles = sound(await store.entries(attemptId, 0)).map(({ edit }) => edit.title)
        expect(titles).toEqual(Array.from({ length: gestures }, (_, index) => `${writer}:${index}`))
      }
      const verdict = sound(await store.verifyAudit())
      expect(verdict).toMatchObject({ whole: true, entries: writers * (gestures + 2) })
    }, 120_000)
  })
}
