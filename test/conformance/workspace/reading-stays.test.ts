/** What was drawn on a slice stays on it when other slices come or go, with its digest, its history and its undo. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Rater, Slice, Subject } from '../../../src/contract'
import { entriesNow, withInstances } from '../../../src/core/annotation/drawn-slices'
import { drawnInSteps, emptyDocument } from '../../../src/core/annotation/document'
import { foldJournal } from '../../../src/core/annotation/journal'
import { undoEntry } from '../../../src/core/annotation/undo'
import { runThrough } from '../../../src/core/measures/steps'
import { namedPlace } from '../../../src/core/subject/slice-places'
import { idOfSubject } from '../../../src/core/subject/subject'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { findTarget } from '../../../src/main/inference/run-target'
import { createLibrary } from '../../../src/main/library/library'
import { paintEdit } from '../../../src/renderer/draw/strokes/edits'
import { fieldMissing } from '../../fixtures/field-case'
import { testDataDir } from '../../test-data'
import { unwrap } from '../../unwrap'

const source = join(testDataDir, 'field', '19-slice-arrives-later')

describe.skipIf(fieldMissing !== null)(`a slice arrives later (skipped: ${fieldMissing ?? ''})`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-stays-'))
  const ct = join(scratch, 'ct')
  const library = createLibrary({ workerPath: null })
  const services = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: false })
  let rater: Rater
  let subject: Subject = { kind: 'series', seriesUid: '' }

  const slices = (): readonly Slice[] =>
    subject.kind === 'series' ? unwrap(library.seriesDetail(subject.seriesUid)).slices : []
  async function scan(): Promise<void> {
    const found = unwrap(await library.scan([ct], () => undefined, new AbortController().signal))
    subject = { kind: 'series', seriesUid: found.series[0]?.seriesUid ?? '' }
  }
  const numberOf = (uid: string): number => slices().findIndex(({ sopInstanceUid }) => sopInstanceUid === uid)

  /** `seen`: the slices as the page has them open that draws; null: a page from before gestures named their slices. */
  async function draw(
    attemptId: string,
    revision: number,
    sliceIndex: number,
    seen: readonly Slice[] | null = null,
  ): Promise<void> {
    const { columns, rows } = unwrap(
      library.seriesDetail(subject.kind === 'series' ? subject.seriesUid : ''),
    ).summary
    const pixels = new Uint8Array(columns * rows).fill(1, 5 * columns + 3, 5 * columns + 9)
    const edit = paintEdit(emptyDocument(columns, rows), {
      title: 'Brush',
      tool: 'brush',
      structureId: `s${revision}`,
      label: `Structure ${revision}`,
      changes: [
        {
          sliceIndex,
          after: { widthPx: columns, heightPx: rows, pixels },
          box: { column: 0, row: 0, widthPx: columns, heightPx: rows },
        },
      ],
    })
    if (edit === null) throw new Error('nothing was painted')
    const [paint] = edit.kind === 'several' ? edit.edits.filter(({ kind }) => kind !== 'answer') : [edit]
    const whole =
      revision === 0
        ? edit
        : edit.kind === 'several'
          ? { ...edit, edits: edit.edits.filter(({ kind }) => kind !== 'answer') }
          : (paint ?? edit)
    const named = withInstances(whole, seen)
    const entry = { entryId: crypto.randomUUID(), expectedRevision: revision, edit: named, undoes: null }
    unwrap(await services.attempts.append(rater, attemptId, entry))
  }
  async function drawnOn(attemptId: string): Promise<readonly (string | undefined)[]> {
    const { entries, widthPx, heightPx } = unwrap(await services.attempts.detail(rater, attemptId))
    const { structures } = runThrough(
      drawnInSteps(unwrap(foldJournal(emptyDocument(widthPx, heightPx), entries))),
    )
    return structures.flatMap((structure) =>
      structure.slices.map(({ sliceIndex }) => slices()[sliceIndex]?.sopInstanceUid),
    )
  }

  beforeAll(async () => {
    cpSync(join(source, 'ct'), ct, { recursive: true })
    unwrap(await library.addRoot(scratch))
    await scan()
    const local = (await services.accounts.raterOf(null))?.rater ?? null
    if (local === null) throw new Error('nobody')
    rater = local
  })
  afterAll(async () => {
    await services.closeWorkspace()
    await library.close()
    rmSync(scratch, { recursive: true })
  })

  test('a draft and a committed reading keep their slices, digest and undo', async () => {
    const uid = slices()[2]?.sopInstanceUid ?? ''
    const first = unwrap(await services.attempts.open(rater, { subject, blind: true, panelId: null })).attempt
    await draw(first.attemptId, 0, 2)
    expect(await drawnOn(first.attemptId)).toEqual([uid])

    cpSync(join(source, 'later'), ct, { recursive: true })
    await scan()
    expect(numberOf(uid)).toBe(3)
    expect(await drawnOn(first.attemptId)).toEqual([uid])

    await draw(first.attemptId, 1, 2)
    const other = slices()[2]?.sopInstanceUid
    expect(new Set(await drawnOn(first.attemptId))).toEqual(new Set([uid, other]))
    const { entries } = unwrap(await services.attempts.entries(rater, first.attemptId, 0))
    const undo = undoEntry(entries, crypto.randomUUID())
    if (undo === null) throw new Error('nothing to undo')
    unwrap(await services.attempts.append(rater, first.attemptId, undo))
    expect(await drawnOn(first.attemptId)).toEqual([uid])

    const commitment = { expectedRevision: 3, readingMs: 1, slicesSeen: 1 }
    const committed = unwrap(await services.attempts.commit(rater, first.attemptId, commitment))
    rmSync(join(ct, 'ct001.dcm'))
    await scan()
    expect(numberOf(uid)).toBe(2)
    expect(await drawnOn(first.attemptId)).toEqual([uid])
    const again = unwrap(await services.attempts.detail(rater, first.attemptId))
    expect(again.attempt.digest).toBe(committed.digest)
  })

  test('a reading whose slice is gone is refused by name, and comes back with it', async () => {
    const next = unwrap(await services.attempts.open(rater, { subject, blind: false, panelId: null })).attempt
    const uid = slices()[1]?.sopInstanceUid ?? ''
    const file = join(ct, 'ct003.dcm')
    await draw(next.attemptId, 0, 1)
    cpSync(file, join(scratch, 'kept.dcm'))
    const isIt = slices()[1]?.instanceNumber === 3
    expect(isIt).toBe(true)
    rmSync(file)
    await scan()
    expect(await services.attempts.detail(rater, next.attemptId)).toMatchObject({
      ok: false,
      refusal: { code: 'annotation-mismatch', reason: expect.stringContaining('1 slice') as string },
    })
    cpSync(join(scratch, 'kept.dcm'), file)
    await scan()
    expect(await drawnOn(next.attemptId)).toEqual([uid])
  })

  test('a page that opened the series before a slice came goes on with the slices that it means', async () => {
    const seen = slices()
    const [lowest] = seen
    cpSync(join(source, 'later'), ct, { recursive: true })
    await scan()
    expect(slices()).toHaveLength(seen.length + 1)
    const meant = lowest?.sopInstanceUid ?? ''
    expect(numberOf(meant)).toBe(1)

    const open = unwrap(await services.attempts.open(rater, { subject, blind: false, panelId: null }))
    await draw(open.attempt.attemptId, 1, 0, seen)
    expect(await drawnOn(open.attempt.attemptId)).toContain(meant)
    const { entries } = unwrap(await services.attempts.entries(rater, open.attempt.attemptId, 1))
    expect(JSON.stringify(entries[0]?.edit)).toContain(meant)
    // Told to that page, the entry has the number that the page knows, and is undone on the slice it means.
    const there = unwrap(entriesNow(entries, seen)).entries
    expect(JSON.stringify(there[0]?.edit)).toContain('"sliceIndex":0')
    const undo = undoEntry(there, crypto.randomUUID())
    if (undo === null) throw new Error('nothing to undo')
    const sent = { ...undo, expectedRevision: 2, edit: withInstances(undo.edit, seen) }
    unwrap(await services.attempts.append(rater, open.attempt.attemptId, sent))
    expect(await drawnOn(open.attempt.attemptId)).not.toContain(meant)

    const place = { ...{ sliceIndex: 0, column: 5, row: 5 }, structureId: null }
    const asked = namedPlace({ kind: 'series' as const, ...namesOf(subject), ...place }, seen)
    expect(unwrap(findTarget(library, asked))).toMatchObject({
      place: { sliceIndex: 1 },
      slice: { sopInstanceUid: meant },
    })
    rmSync(join(ct, 'ct001.dcm'))
    await scan()
    expect(unwrap(findTarget(library, asked)).place?.sliceIndex).toBe(0)
    const gone = { ...asked, instance: { sopInstanceUid: '1.2.3', frame: 0 } }
    expect(findTarget(library, gone)).toMatchObject({ ok: false, refusal: { code: 'not-found' } })
  })
})

const namesOf = (subject: Subject): { readonly seriesUid: string } => ({ seriesUid: idOfSubject(subject) })
