import { afterEach, describe, expect, test } from 'vitest'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { StoredPanel, WorkspaceStore } from '../../../src/main/workspace/store'
import { codeOf, gesture, newAttempt, newRater, sound, SUBJECT, type SuitePlace } from './suite'

/** What every store keeps of raters who come and go, of panels that are told, edited and closed, and of training. */

const protocol = {
  blind: true,
  reveal: 'all-committed',
  startFromModel: false,
  repeatShare: 0,
  seed: 7,
} as const
const words = {
  instructions: 'Outline the solid part.\nNever the vessels. π',
  target: 'Nodule of 3 mm or more',
  labels: ['Solid', 'Part-solid'],
}
const COMMIT = { expectedRevision: 0, digest: 'd', readingMs: 0, slicesSeen: 0 }

export function panelSuite(name: string, place: SuitePlace): void {
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

  async function withPanel(location: string) {
    const store = await reopen(location)
    const owner = sound(await store.addRater({ name: 'Owner', role: 'owner', passwordHash: 'h' }, null))
    const reader = await newRater(store, 'A')
    const cases = [{ raterId: reader.raterId, position: 1, subject: SUBJECT, isRepeat: false }]
    const raterIds = [reader.raterId]
    const made = await store.addPanel({ name: 'P', protocol, words, raterIds }, cases, owner.raterId)
    return { store, owner, reader, panel: sound(made) }
  }

  const place1 = (panel: StoredPanel, raterId: string) => ({
    ...{ subject: SUBJECT, raterId, panelId: panel.panelId, casePosition: 1, blind: true },
    ...{ widthPx: 8, heightPx: 8 },
  })

  const acts = async (store: WorkspaceStore): Promise<readonly string[]> =>
    sound(await store.auditEntries(0, 100)).map(({ act }) => act)

  describe(`raters and panels on ${name}`, () => {
    test('a panel keeps each of its editions, and the newest counts, through a restart', async () => {
      const location = await place.location()
      const { store, owner, panel } = await withPanel(location)
      expect(panel).toMatchObject({ name: 'P', words, closedAt: null })
      const edited = { instructions: 'Otherwise.', target: 'Nodule', labels: ['Solid'], name: 'Q' }
      sound(await store.editPanel(panel.panelId, edited, owner.raterId))
      expect(codeOf(await store.editPanel('none', edited, owner.raterId))).toBe('not-found')
      await store.close()

      const again = await reopen(location)
      const { name: newName, ...newWords } = edited
      const editions = sound(await again.editionsOfPanel(panel.panelId))
      const wordsAt = editions.at(-1)?.at
      expect(sound(await again.panels())).toEqual([{ ...panel, name: newName, words: newWords, wordsAt }])
      expect(editions.map(({ at: _at, ...said }) => said)).toEqual([{ name: 'P', ...words }, edited])
      expect(editions.map(({ at }) => at)).toEqual(editions.map(({ at }) => at).toSorted())
      expect(await acts(again)).toEqual(['add-rater', 'add-rater', 'add-panel', 'edit-panel'])
      expect(sound(await again.verifyAudit()).whole).toBe(true)
    })

    test('target and labels are fixed with the first commit, name and instructions never', async () => {
      const { store, owner, reader, panel } = await withPanel(await place.location())
      const { attemptId } = sound(await store.openAttempt(place1(panel, reader.raterId)))
      const change = (some: object) =>
        store.editPanel(panel.panelId, { name: 'P', ...words, ...some }, owner.raterId)
      // A draft answers to nothing yet.
      sound(await change({ labels: ['Solid'] }))
      sound(await change({}))
      const { wordsAt } = sound(await change({ instructions: 'Otherwise.' }))
      // Nor is a reading committed to a task that its reader was not told.
      expect(codeOf(await store.commit({ ...COMMIT, attemptId }))).toBe('not-allowed')
      sound(await store.commit({ ...COMMIT, attemptId, wordsAt }))
      for (const fixed of [
        { target: 'Vessel' },
        { labels: ['Solid'] },
        { labels: words.labels.toReversed() },
      ])
        expect(codeOf(await change(fixed))).toBe('not-allowed')
      sound(await change({ name: 'R', instructions: 'With vessels.' }))
      expect(sound(await store.panels())[0]).toMatchObject({
        name: 'R',
        words: { ...words, instructions: 'With vessels.' },
      })
    })

    test('a closed panel takes no attempt and no commit, keeps what is committed, and its draft hides nothing', async () => {
      const { store, owner, reader, panel } = await withPanel(await place.location())
      const { attemptId } = sound(await store.openAttempt(place1(panel, reader.raterId)))
      sound(await store.append(attemptId, gesture(0, 'one')))
      const seen = { kind: 'peers', shownMs: null, detail: '' } as const
      expect(codeOf(await store.expose(reader.raterId, SUBJECT, seen))).toBe('blind')
      const closed = sound(await store.closePanel(panel.panelId, owner.raterId))
      expect(closed.closedAt).not.toBeNull()
      expect(sound(await store.closePanel(panel.panelId, owner.raterId))).toEqual(closed)
      expect(codeOf(await store.commit({ ...COMMIT, expectedRevision: 1, attemptId }))).toBe('attempt-fixed')
      expect(codeOf(await store.openAttempt(place1(panel, reader.raterId)))).toBe('attempt-fixed')
      // What was drawn is kept all the same, and may go on being kept.
      sound(await store.append(attemptId, gesture(1, 'two')))
      expect(codeOf(await store.expose(reader.raterId, SUBJECT, seen))).toBe('ok')
      // Outside the panel the image may still be read, and that draft hides as ever.
      const outside = await newAttempt(store, owner.raterId, true)
      expect(outside.blind).toBe(true)
      expect(codeOf(await store.expose(owner.raterId, SUBJECT, seen))).toBe('blind')
      expect((await acts(store)).filter((act) => act === 'close-panel')).toHaveLength(1)
      expect(sound(await store.verifyAudit()).whole).toBe(true)
    })

    test('what many images gave away is noted in one act, or not at all', async () => {
      const { store, owner, reader } = await withPanel(await place.location())
      const seen = { kind: 'agreement', shownMs: null, detail: 'panel' } as const
      const subjects = ['image:a', 'image:b', 'image:a']
      sound(await store.exposeAll(owner.raterId, subjects, seen))
      for (const subject of ['image:a', 'image:b'])
        expect(sound(await store.exposures(owner.raterId, subject))).toMatchObject([seen])
      expect((await acts(store)).filter((act) => act === 'expose')).toHaveLength(1)
      await newAttempt(store, reader.raterId, true, 'image:b')
      expect(codeOf(await store.exposeAll(reader.raterId, subjects, seen))).toBe('blind')
      expect(sound(await store.exposures(reader.raterId, 'image:a'))).toEqual([])
      expect((await newAttempt(store, owner.raterId, true, 'image:a')).blind).toBe(false)
      sound(await store.exposeAll(reader.raterId, [], seen))
      expect(sound(await store.verifyAudit()).whole).toBe(true)
    })

    test('a commit that was answered before the panel closed is answered again', async () => {
      const { store, owner, reader, panel } = await withPanel(await place.location())
      const { attemptId } = sound(await store.openAttempt(place1(panel, reader.raterId)))
      const committed = sound(await store.commit({ ...COMMIT, attemptId }))
      sound(await store.closePanel(panel.panelId, owner.raterId))
      expect(sound(await store.commit({ ...COMMIT, attemptId }))).toEqual(committed)
    })

    test('a one-time password is one until the next is set; a retired rater is given none', async () => {
      const { store, owner, reader } = await withPanel(await place.location())
      const { raterId } = reader
      const stands = async () => sound(await store.raters()).find((one) => one.raterId === raterId)
      sound(await store.setPassword(raterId, { passwordHash: 'once', oneTime: true }, owner.raterId))
      expect(await stands()).toMatchObject({ passwordHash: 'once', oneTime: true, retired: false })
      sound(await store.setPassword(raterId, { passwordHash: 'own', oneTime: false }, raterId))
      expect(await stands()).toMatchObject({ passwordHash: 'own', oneTime: false })
      expect(sound(await store.retireRater(raterId, true, owner.raterId)).retired).toBe(true)
      expect(sound(await store.retireRater(raterId, true, owner.raterId)).retired).toBe(true)
      const late = await store.setPassword(raterId, { passwordHash: 'x', oneTime: false }, owner.raterId)
      expect(codeOf(late)).toBe('not-allowed')
      expect(sound(await store.retireRater(raterId, false, owner.raterId)).retired).toBe(false)
      expect(await stands()).toMatchObject({ passwordHash: 'own', retired: false })
      expect((await acts(store)).slice(3)).toEqual([
        'reset-password',
        'set-password',
        'retire-rater',
        'reinstate-rater',
      ])
      expect(sound(await store.verifyAudit()).whole).toBe(true)
    })

    test('the last owner is not retired, and one of two is', async () => {
      const { store, owner } = await withPanel(await place.location())
      expect(codeOf(await store.retireRater(owner.raterId, true, null))).toBe('not-allowed')
      const second = sound(await store.addRater({ name: 'B', role: 'owner', passwordHash: 'h' }, null))
      sound(await store.retireRater(owner.raterId, true, second.raterId))
      expect(codeOf(await store.retireRater(second.raterId, true, null))).toBe('not-allowed')
      expect(codeOf(await store.retireRater('none', true, null))).toBe('not-found')
    })

    test('no row of it is changed by another program', async () => {
      const location = await place.location()
      const { store, owner, reader, panel } = await withPanel(location)
      sound(await store.setPassword(reader.raterId, { passwordHash: 'x', oneTime: true }, owner.raterId))
      sound(await store.retireRater(reader.raterId, true, owner.raterId))
      sound(await store.closePanel(panel.panelId, owner.raterId))
      for (const statement of [
        'DELETE FROM rater_standing',
        'DELETE FROM one_time_password',
        "UPDATE panel_words SET instructions = 'x'",
        'DELETE FROM panel_closed',
      ])
        await expect(place.tamper(location, statement), statement).rejects.toThrow('append-only')
      await place.tamper(location, `INSERT INTO rater_standing VALUES ('${reader.raterId}', 0, 2)`)
      expect(sound(await store.verifyAudit())).toMatchObject({ whole: false, brokenAt: 2 })
    })

    test('no record of training is read that the log does not vouch for', async () => {
      const location = await place.location()
      const store = await reopen(location)
      const { raterId } = await newRater(store, 'A')
      const record = { kind: 'promote', key: 'model-t1', body: '{}' } as const
      sound(await store.addTrainingRecord(record, raterId))
      expect(sound(await store.trainingRecords('promote'))).toMatchObject([record])
      const forged = "'roll-back', 'model-t1', '2026-01-01T00:00:00.000Z', '{}'"
      await place.tamper(location, `INSERT INTO training_record VALUES (${forged}, 2)`)
      expect(codeOf(await store.trainingRecords('roll-back'))).toBe('workspace-failed')
      expect(sound(await store.trainingRecords('promote'))).toHaveLength(1)
    })
  })
}
