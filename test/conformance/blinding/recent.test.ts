/** What was open last: everybody's own, in the workspace alone, and nothing of a case of a panel that is read. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import {
  type Browser,
  drawing,
  libraryOfPlace,
  makePanel,
  openCase,
  openPlace,
  OTHER_SERIES,
  type Place,
  readCase,
  SERIES,
  subjectOf,
} from './annotation-places'

let place: Place
let owner: Browser
let a: Browser
let b: Browser
beforeEach(async () => {
  const library = libraryOfPlace()
  place = await openPlace(null, { ...library, openedPath: () => '/hospital/secret-folder' })
  owner = await place.signIn('Owner')
  a = await place.signIn('A')
  b = await place.signIn('B')
})

const left = { look: '{"slice":2}', planes: null, places: '{"clicks":["mine"]}' }
const note = (rater: Browser, uid = SERIES, more: object = {}) =>
  rater.post('/api/recent', { subject: subjectOf(uid), sliceNumber: 2, left, ...more })
const casesOf = async (rater: Browser): Promise<readonly Record<string, unknown>[]> =>
  (await rater.get('/api/recent')).body['cases'] as readonly Record<string, unknown>[]

test('nobody is given what another person had open, and the path is told to the owner alone', async () => {
  expect((await note(a)).body).toEqual({ kept: true })
  expect(await casesOf(a)).toMatchObject([{ title: SERIES, state: 'open', path: null, sliceNumber: 2, left }])
  expect(await casesOf(b)).toEqual([])
  expect(await casesOf(owner)).toEqual([])
  await note(owner)
  expect(await casesOf(owner)).toMatchObject([{ path: '/hospital/secret-folder' }])
  expect((await a.get('/api/recent')).text).not.toContain('secret-folder')
})

test('its picture is its rater’s alone, is kept back while it is read in a panel, and goes with it', async () => {
  await note(a, SERIES, { shown: { sliceIndex: 1, window: null, inverted: false } })
  const [one] = await casesOf(a)
  expect(one).toMatchObject({ hasPicture: true })
  const path = `/api/recent/${String(one?.['recentId'])}/picture`
  expect((await a.get(path)).status).toBe(200)
  for (const other of [b, owner]) expect((await other.get(path)).code).toBe('not-found')
  const pictures = (): readonly string[] =>
    readdirSync(join(place.folder, 'recent'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.png'),
    )
  expect(pictures()).toHaveLength(1)
  const panelId = await makePanel(owner, [a, b])
  await openCase(a, panelId)
  expect((await a.get(path)).code).toBe('not-found')
  await readCase(a, panelId, drawing(11, 10, 8))
  await a.post('/api/recent/clear', {})
  expect(pictures()).toEqual([])
})

test('a reader opens nothing by it, neither an own case nor one of the owner', async () => {
  await note(a)
  await note(owner)
  for (const { recentId } of [...(await casesOf(a)), ...(await casesOf(owner))])
    expect((await a.post(`/api/recent/${String(recentId)}/open`, {})).code).toBe('not-allowed')
  expect((await owner.post('/api/recent/nothing/open', {})).code).toBe('not-found')
})

test('a case of a panel is neither kept nor listed until it is read, and there again after', async () => {
  await note(a)
  const panelId = await makePanel(owner, [a, b])
  await openCase(a, panelId)
  expect(await casesOf(a)).toEqual([])
  expect((await note(a, SERIES, { sliceNumber: 3 })).body).toEqual({ kept: false })
  await readCase(a, panelId, drawing(11, 10, 8))
  expect(await casesOf(a)).toMatchObject([{ sliceNumber: 2 }])
})

test('it outlives a restart in the workspace, newest first and once each, and is forgotten one by one or whole', async () => {
  await note(a)
  await note(a, OTHER_SERIES)
  await note(a, SERIES, { sliceNumber: 1 })
  const again = await (await place.reopen()).signIn('A')
  const kept = await casesOf(again)
  expect(kept.map(({ title, sliceNumber }) => [title, sliceNumber])).toEqual([
    [SERIES, 1],
    [OTHER_SERIES, 2],
  ])
  const [first] = kept
  await again.post(`/api/recent/${String(first?.['recentId'])}/forget`, {})
  expect((await casesOf(again)).map(({ title }) => title)).toEqual([OTHER_SERIES])
  expect((await again.post('/api/recent/clear', {})).body).toEqual({ cases: [] })
  const folder = join(place.folder, 'recent')
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain(SERIES)
    if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o77).toBe(0)
  }
})

test('what is longer than a page keeps is refused, and what is not open is not kept', async () => {
  const long = { ...left, look: 'x'.repeat(65_537) }
  expect((await note(a, SERIES, { left: long })).code).toBe('request-invalid')
  expect((await note(a, '1.2.3')).body).toEqual({ kept: false })
  expect(existsSync(join(place.folder, 'recent'))).toBe(false)
})
