import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { ClickedPlace, DocumentEdit, Measurement } from '../../../src/contract'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import { codeOf, gesture, newAttempt, newRater, sound, SUBJECT, type SuitePlace } from './suite'

/** What every store keeps of the places that raters clicked, and of what its subjects are. */
export function placeSuite(name: string, place: SuitePlace): void {
  const open: WorkspaceStore[] = []
  let nowMs = Date.UTC(2026, 0, 1)

  async function reopen(location: string): Promise<WorkspaceStore> {
    const thread = place.workerPath === null ? {} : { workerPath: place.workerPath }
    const store = sound(await openWorkspace(location, { clock: () => (nowMs += 5), ...thread }))
    open.push(store)
    return store
  }
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })

  describe(`places on ${name}`, () => {
    test('keeps the steps of places in the same way: named, moved, gone, taken back, each rater their own', async () => {
      const location = await place.location()
      const store = await reopen(location)
      const [a, b] = [await newRater(store, 'A'), await newRater(store, 'B')]
      const placeId = randomUUID()
      const laid: ClickedPlace = {
        ...{ placeId, name: null, number: 1, place: { sliceIndex: 1 }, point: { column: 1.25, row: 2 } },
      }
      const states = [
        laid,
        { ...laid, name: 'Apex, π' },
        { ...laid, point: { column: 7, row: 8.5 } },
        null,
        laid,
      ]
      const steps = states.map((state, at) => ({
        ...{ entryId: randomUUID(), placeId, state, undoes: at === 4 ? 4 : null },
      }))
      for (const step of steps) {
        const kept = sound(await store.markPlace(a.raterId, SUBJECT, step))
        expect(sound(await store.markPlace(a.raterId, SUBJECT, step))).toEqual(kept)
        expect(codeOf(await store.markPlace(b.raterId, SUBJECT, step))).toBe('request-invalid')
      }
      await store.close()
      const again = await reopen(location)
      const kept = sound(await again.places(a.raterId, SUBJECT))
      expect(kept.map(({ number, state, undoes }) => ({ number, state, undoes }))).toEqual(
        steps.map(({ state, undoes }, at) => ({ number: at + 1, state, undoes })),
      )
      expect(sound(await again.places(b.raterId, SUBJECT))).toEqual([])
      expect(sound(await again.measurements(a.raterId, SUBJECT))).toEqual([])
      await expect(place.tamper(location, "UPDATE place SET state = '{}'")).rejects.toThrow('append-only')
      expect(sound(await again.verifyAudit()).whole).toBe(true)
    })

    test('tells what anything is kept of, and the slices that the oldest work on it names', async () => {
      const store = await reopen(await place.location())
      const { raterId } = await newRater(store, 'A')
      const { attemptId } = await newAttempt(store, raterId)
      expect(sound(await store.firstInstancesOf(SUBJECT))).toEqual([])
      const instance = (uid: string) => ({ sopInstanceUid: uid, frame: 0 })
      const box = { column: 0, row: 0, widthPx: 8, heightPx: 8 }
      const edit = { kind: 'paint', title: 'Draw', structureId: 's', tool: 'brush', origin: null } as const
      const paint = (uid: string): DocumentEdit => ({
        ...edit,
        slices: [{ sliceIndex: 0, instance: instance(uid), patch: { box, before: '', after: '' } }],
      })
      const measurementId = randomUUID()
      const onSlice = { sliceIndex: 0, instance: instance('7.7') }
      const points = [1, 2].map((at) => ({ column: at, row: at }))
      const state: Measurement = { measurementId, name: 'A', shape: 'ruler', place: onSlice, points }
      const laid = { entryId: randomUUID(), measurementId, state, undoes: null }
      sound(await store.append(attemptId, gesture(0, 'no slice')))
      sound(await store.append(attemptId, { ...gesture(1, 'x'), edit: paint('8.8') }))
      sound(await store.measure(raterId, SUBJECT, laid))
      sound(await store.append(attemptId, { ...gesture(2, 'y'), edit: paint('9.9') }))
      expect(sound(await store.firstInstancesOf(SUBJECT))).toEqual(['8.8'])
      sound(await store.measure(raterId, 'series:9', { ...laid, entryId: randomUUID() }))
      expect(sound(await store.firstInstancesOf('series:9'))).toEqual(['7.7'])
      sound(await store.expose(raterId, 'series:8', { kind: 'model', shownMs: null, detail: '' }))
      expect([...sound(await store.subjectsKept())].sort()).toEqual([SUBJECT, 'series:8', 'series:9'])
    })
  })
}
