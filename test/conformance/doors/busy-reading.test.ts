/** The largest reading that one person may draw is read, fixed and compared while others are answered. */
import { createHash, randomUUID } from 'node:crypto'

import { expect, test } from 'vitest'
import type { DocumentEdit } from '../../../src/contract'
import { canonicalJson } from '../../../src/core/annotation/canonical-json'
import { drawnInSteps, emptyDocument } from '../../../src/core/annotation/document'
import { apartFromSeries, entriesNow } from '../../../src/core/annotation/drawn-slices'
import { foldJournal } from '../../../src/core/annotation/journal'
import { encodeBoxMask } from '../../../src/core/contour/box-mask'
import { makePatch } from '../../../src/core/contour/mask-patch'
import { wholeBox } from '../../../src/core/contour/slice-mask'
import { runThrough } from '../../../src/core/measures/steps'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { bundle } from '../../bundle'
import { longestTurnMs, timedTest } from '../../serving-thread'
import { type Browser, libraryOfPlace, openCase, openPlace, SERIES } from '../blinding/annotation-places'

const MOST_MS = 50
const SIDE_PX = 512
const SLICES = 22
/** Of one request, within its 4 MB. */
const SLICES_AT_ONCE = 11

/** Run lengths shorten nothing of it. */
function chequered(): Uint8Array {
  return new Uint8Array(SIDE_PX * SIDE_PX).map((_zero, at) => (at + Math.floor(at / SIDE_PX)) % 2)
}

const threads = async () => ({
  readingsWorkerPath: await bundle('src/main/readings/readings-worker.ts', 'readings-worker-busy'),
  writeWorkerPath: await bundle('src/main/exchange/write-worker.ts', 'write-worker-busy'),
  storeWorkerPath: await bundle('src/main/workspace/store-worker.ts', 'store-worker-busy'),
})

async function gesture(rater: Browser, attemptId: string, revision: number, edit: DocumentEdit) {
  const entry = { entryId: randomUUID(), expectedRevision: revision, edit, undoes: null }
  const taken = await rater.post(`/api/attempts/${attemptId}/entries`, JSON.stringify(entry))
  if (taken.status !== 200) throw new Error(taken.text)
}

timedTest('a reading chequered on 22 slices is opened, committed, ranked, and nobody waits', async () => {
  const place = await openPlace(await threads(), libraryOfPlace(SIDE_PX, SLICES))
  const a = await place.signIn('A')
  const attemptId = await openCase(a, null)
  const empty = { widthPx: SIDE_PX, heightPx: SIDE_PX, pixels: new Uint8Array(SIDE_PX * SIDE_PX) }
  const patch = makePatch(empty, { ...empty, pixels: chequered() }, wholeBox(empty))
  const add = { kind: 'add-structure', title: 'New', structureId: 's', label: 'Nodule', position: 0 } as const
  await gesture(a, attemptId, 0, add)
  let revision = 1
  for (let first = 0; first < SLICES; first += SLICES_AT_ONCE) {
    const count = Math.min(SLICES_AT_ONCE, SLICES - first)
    await gesture(a, attemptId, revision, {
      ...{ kind: 'paint', title: 'Brush', structureId: 's', tool: 'brush', origin: null },
      slices: Array.from({ length: count }, (_unused, at) => ({ sliceIndex: first + at, patch })),
    })
    revision += 1
  }
  const from = { verdict: null, reason: '', confidence: null, comment: '' } as const
  const answer = { kind: 'answer', title: 'Answer', from, to: { ...from, verdict: 'outlined' } } as const
  await gesture(a, attemptId, revision, answer)
  revision += 1
  // As after a start: nothing is folded yet.
  const again = await place.reopen()
  const reader = await again.signIn('A')
  const parts: Uint8Array[] = []
  let digest = ''
  const commitment = { expectedRevision: revision, readingMs: 1, slicesSeen: 1 }
  const asked: readonly (readonly [string, () => Promise<{ readonly status: number }>])[] = [
    [
      'opened',
      async () => {
        const response = await again.app.request(`/api/attempts/${attemptId}`, {
          headers: { cookie: reader.cookie },
        })
        for await (const part of response.body ?? []) parts.push(part)
        return response
      },
    ],
    [
      'committed',
      async () => {
        const committed = await reader.post(`/api/attempts/${attemptId}/commit`, commitment)
        digest = String(committed.body['digest'])
        return committed
      },
    ],
    ['compared', () => reader.get(`/api/comparisons?seriesUid=${SERIES}`)],
    ['ranked', () => reader.get('/api/worklist')],
  ]
  const blocks: Record<string, number> = {}
  for (const [name, ask] of asked)
    blocks[name] = await longestTurnMs(async () => {
      expect((await ask()).status).toBe(200)
    })
  expect(Object.entries(blocks).filter(([, block]) => block > MOST_MS)).toEqual([])
  // What went out in pieces is the JSON of the attempt, and the digest that of the document at once.
  const { entries } = JSON.parse(Buffer.concat(parts).toString()) as {
    readonly entries: Parameters<typeof entriesNow>[0]
  }
  expect(entries).toHaveLength(revision)
  const slices = libraryOfPlace(SIDE_PX, SLICES).seriesDetail(SERIES)
  if (!slices.ok) throw new Error(slices.refusal.reason)
  const now = entriesNow(entries, slices.value.slices)
  const document = now.ok ? foldJournal(emptyDocument(SIDE_PX, SIDE_PX), now.value.entries) : now
  if (!now.ok || !document.ok) throw new Error('the entries do not fold')
  const fixed = canonicalJson(runThrough(drawnInSteps(apartFromSeries(document.value, now.value.drawn))))
  expect(digest).toBe(createHash('sha256').update(fixed).digest('hex'))
})

timedTest('a file chequered on 66 slices of a CT is compared and ranked, and nobody waits', async () => {
  const count = 66
  const place = await openPlace(await threads(), libraryOfPlace(SIDE_PX, count))
  const owner = await place.signIn('Owner')
  const store = await openWorkspace(place.folder, { clock: () => Date.now() })
  if (!store.ok) throw new Error(store.refusal.reason)
  const mask = encodeBoxMask({ widthPx: SIDE_PX, heightPx: SIDE_PX, pixels: chequered() }, 0, 0)
  const slices = Array.from({ length: count }, (_unused, sliceIndex) => ({ sliceIndex, mask }))
  await store.value.addImport({
    ...{ subject: `series:${SERIES}`, reader: 'One', importedBy: owner.rater.raterId, source: 'nifti' },
    content: JSON.stringify({ structures: [{ label: 'Nodule', slices }] }),
  })
  await store.value.close()
  const blocks: Record<string, number> = {}
  for (const path of ['/api/worklist', `/api/comparisons?seriesUid=${SERIES}`]) {
    const ask = () =>
      longestTurnMs(async () => {
        expect((await owner.get(path)).status).toBe(200)
      })
    // The first time loads code as well.
    blocks[path] = Math.min(await ask(), await ask())
  }
  expect(Object.entries(blocks).filter(([, block]) => block > MOST_MS)).toEqual([])
})

test('the gestures of one reading have their most, named before they are taken; its answer still has room', async () => {
  const place = await openPlace()
  const store = await openWorkspace(place.folder, { clock: () => Date.now() })
  if (!store.ok) throw new Error(store.refusal.reason)
  const a = await place.signIn('A')
  const opened = await store.value.openAttempt({
    ...{ subject: `series:${SERIES}`, raterId: a.rater.raterId, panelId: null, casePosition: null },
    ...{ blind: true, widthPx: 32, heightPx: 32 },
  })
  if (!opened.ok) throw new Error(opened.refusal.reason)
  const { attemptId } = opened.value
  const rename = (label: string): DocumentEdit => ({
    ...{ kind: 'rename-structure', title: 'R', structureId: 's', from: '', to: label },
  })
  const append = (label: string, expectedRevision: number) =>
    store.value.append(attemptId, {
      ...{ entryId: randomUUID(), expectedRevision, edit: rename(label), undoes: null },
    })
  const large = 'x'.repeat(3_900_000)
  let revision = 0
  let last = await append(large, revision)
  while (last.ok) {
    revision += 1
    last = await append(large, revision)
  }
  expect(revision).toBe(16)
  expect(last.refusal).toMatchObject({ code: 'limit-reached' })
  expect(last.refusal.next).toContain('commit')
  expect((await append('A small one', revision)).ok).toBe(true)
  await store.value.close()
}, 60_000)
