import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { accept, type Attempt, type Slice, type Subject } from '../../../contract'
import { openAttempt } from './attempt-wire'

const subject: Subject = { kind: 'series', seriesUid: '1.2' }
const request = { subject, blind: false, panelId: null }
const slices = ['1.1', '1.2'].map((sopInstanceUid, index): Slice => ({
  ...{ index, sopInstanceUid, instanceNumber: null, frame: 0, positionMm: null, alongNormalMm: null },
  rescale: { slope: 1, intercept: 0, unit: 'HU' },
}))
const attempt: Attempt = {
  ...{ attemptId: 'one', subject, panelId: null, casePosition: null, raterId: 'r', number: 1 },
  ...{ state: 'draft', blind: false, openedAt: '2026-01-01T00:00:00.000Z', committedAt: null },
  ...{ revision: 1, digest: null, readingMs: 0, slicesSeen: 0, exposures: [] },
}
/** Drawn on the second slice of this page, which the program numbers otherwise by now. */
const entry = {
  ...{ entryId: '00000000-0000-4000-8000-000000000001', revision: 1, at: '2026-01-01T00:00:01.000Z' },
  undoes: null,
  edit: {
    kind: 'several',
    title: 'Brush',
    edits: [
      { kind: 'add-structure', title: 'New', structureId: 's', label: 'S', position: 0 },
      {
        ...{ kind: 'paint', title: 'Brush', structureId: 's', tool: 'brush', origin: null },
        slices: [
          {
            sliceIndex: 7,
            instance: { sopInstanceUid: '1.2', frame: 0 },
            patch: { box: { column: 0, row: 0, widthPx: 1, heightPx: 1 }, before: 'AQ==', after: 'AAE=' },
          },
        ],
      },
    ],
  },
}

/** What was asked of the program, and what it is sent. */
const asked: { readonly path: string; readonly body: string }[] = []
beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => {
    const path = input instanceof Request ? input.url : String(input)
    asked.push({ path, body: typeof init?.body === 'string' ? init.body : '' })
    const answer = path.includes('attempts?')
      ? { attempts: [attempt], withheld: null, wasShown: false }
      : path.includes('/entries')
        ? { revision: 2, at: '2026-01-01T00:00:02.000Z' }
        : { attempt, widthPx: 4, heightPx: 4, entries: [entry] }
    return Promise.resolve(
      new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } }),
    )
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('opening fetches the journal once, and lays it on the slices of this page', async () => {
  const opened = await openAttempt(
    request,
    false,
    () => Promise.resolve(accept(slices)),
    () => null,
    () => undefined,
  )
  if (!opened.ok) throw new Error(opened.refusal.reason)
  // The list of own attempts has no entries; the attempt itself is asked for once.
  expect(asked.filter(({ path }) => path.includes('attempts?'))).toHaveLength(1)
  expect(asked.filter(({ path }) => !path.includes('attempts?'))).toHaveLength(1)
  const { journal } = opened.value
  expect([...(journal.document.structures[0]?.slices.keys() ?? [])]).toEqual([1])

  // Whatever leaves the page says the slice: what is sent, and the copy that can be saved.
  expect(journal.undo()).toEqual(accept(null))
  expect(await journal.settled()).toBe(true)
  expect(asked.at(-1)?.body).toContain('"instance":{"sopInstanceUid":"1.2","frame":0}')
  const copied = journal.copy()
  expect(copied.match(/"sliceIndex"/g)).toHaveLength(2)
  expect(copied.match(/"instance":\{"sopInstanceUid":"1.2"/g)).toHaveLength(2)
})

test('a journal on slices that this page does not have open is refused, and nothing is drawn elsewhere', async () => {
  const opened = await openAttempt(
    request,
    false,
    () => Promise.resolve(accept(slices.slice(0, 1))),
    () => null,
    () => undefined,
  )
  expect(opened).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch' } })
})
