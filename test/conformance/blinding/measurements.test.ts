/** Measurements, and places that were clicked, under the rules of readings: everybody's own, and no part of a blind reading of the same image. */
import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import {
  type Browser,
  drawing,
  makePanel,
  openCase,
  openPlace,
  readCase,
  SERIES,
  subjectOf,
} from './annotation-places'

let owner: Browser
let a: Browser
let b: Browser
beforeEach(async () => {
  const place = await openPlace()
  owner = await place.signIn('Owner')
  a = await place.signIn('A')
  b = await place.signIn('B')
})

const of = `/api/measurements?seriesUid=${SERIES}`
const measure = (rater: Browser, name: string) => {
  const measurementId = randomUUID()
  const points = [
    { column: 1, row: 2 },
    { column: 5, row: 6 },
  ]
  const state = { measurementId, name, shape: 'ruler', place: { sliceIndex: 1 }, points }
  return rater.post('/api/measurements', {
    ...{ subject: subjectOf(SERIES), entryId: randomUUID(), measurementId, state, undoes: null },
  })
}

const mark = (rater: Browser, name: string) => {
  const placeId = randomUUID()
  const state = { placeId, name, number: 1, place: { sliceIndex: 1 }, point: { column: 1, row: 2 } }
  return rater.post('/api/places', {
    ...{ subject: subjectOf(SERIES), entryId: randomUUID(), placeId, state, undoes: null },
  })
}
const kinds = [
  ['measured', measure, of],
  ['clicked', mark, `/api/places?seriesUid=${SERIES}`],
] as const

test.each(kinds)('nobody is given what another person %s, the owner neither', async (_what, lay, of) => {
  expect((await lay(a, 'mine')).status).toBe(200)
  expect((await a.get(of)).text).toContain('mine')
  for (const other of [b, owner]) expect((await other.get(of)).body).toEqual({ entries: [] })
})

test.each(kinds)(
  'what was %s before is kept back while the image is read blind, not added to, and there again after',
  async (_what, lay, of) => {
    await lay(a, 'before')
    const panelId = await makePanel(owner, [a, b])
    await openCase(a, panelId)
    const withheld = await a.get(of)
    expect(withheld.code).toBe('blind')
    expect(withheld.text).not.toContain('before')
    expect((await lay(a, 'meanwhile')).code).toBe('blind')
    await readCase(a, panelId, drawing(11, 10, 8))
    const after = await a.get(of)
    expect(after.text).toContain('before')
    expect(after.text).not.toContain('meanwhile')
  },
)

test('points that are not those of the shape, and names that cannot be kept, are refused', async () => {
  const measurementId = randomUUID()
  const state = { measurementId, name: 'x', shape: 'angle', place: { sliceIndex: 1 } }
  const [one, two] = [
    { column: 1, row: 2 },
    { column: 5, row: 6 },
  ]
  const send = (more: object) =>
    a.post('/api/measurements', {
      ...{ subject: subjectOf(SERIES), entryId: randomUUID(), measurementId, undoes: null },
      state: { ...state, points: [one, two, one], ...more },
    })
  expect((await send({})).status).toBe(200)
  expect((await send({ points: [one, two] })).code).toBe('request-invalid')
  expect((await send({ name: 'a\nb' })).code).toBe('request-invalid')
  expect((await send({ measurementId: randomUUID() })).code).toBe('request-invalid')
})
