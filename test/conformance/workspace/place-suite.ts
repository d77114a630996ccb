import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { ClickedPlace } from '../../../src/contract'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import { codeOf, newRater, sound, SUBJECT, type SuitePlace } from './suite'

/** What every store keeps of the places that raters clicked. */
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
  })
}
