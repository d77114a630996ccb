import { expect, test } from 'vitest'
import { accept, refuse, type Result, type SeriesDetail, type SeriesSummary } from '../../contract'
import { sharedUid } from '../../core/dicom/made-up-uid'
import { createSeriesKeys } from './series-keys'

const UID = '1.2.3'

interface Opened {
  readonly seriesUid: string
  readonly studyUid: string
  readonly patientId: string
}
const carla: Opened = { seriesUid: UID, studyUid: '1.1', patientId: 'PAT-CARLA' }
const eve: Opened = { seriesUid: UID, studyUid: '1.2', patientId: 'PAT-EVE' }
const renamed = (one: Opened): Opened => ({ ...one, seriesUid: sharedUid(UID, one.studyUid) })

/** Series that are open, each with one slice that is named after its study. */
function library(opened: readonly Opened[]) {
  let result = { series: opened as readonly SeriesSummary[] }
  return {
    open: (others: readonly Opened[]) => {
      result = { series: others as readonly SeriesSummary[] }
    },
    current: () => result as never,
    seriesDetail: (seriesUid: string): Result<SeriesDetail> => {
      const summary = result.series.find((one) => one.seriesUid === seriesUid)
      if (summary === undefined) return refuse('not-found', 'It is not open.')
      return accept({ summary, slices: [{ sopInstanceUid: `${summary.studyUid}.slice` }] } as SeriesDetail)
    },
  }
}

const kept = (subjects: readonly string[], instances: readonly string[] = []) => ({
  subjectsKept: () => Promise.resolve(accept(subjects)),
  firstInstancesOf: () => Promise.resolve(accept(instances)),
})

const keyIn = async (opened: readonly Opened[], one: Opened, store = kept([])): Promise<string> => {
  const key = await createSeriesKeys(library(opened), store).keyOf(one.seriesUid)
  return key.ok ? key.value : key.refusal.code
}

test('work on a series is kept under one name, whatever other study has its UID and which was opened first', async () => {
  const alone = await keyIn([carla], carla)
  for (const opened of [
    [renamed(carla), renamed(eve)],
    [renamed(eve), renamed(carla)],
  ]) {
    expect(await keyIn(opened, renamed(carla))).toBe(alone)
    expect(await keyIn(opened, renamed(eve))).toBe(await keyIn([eve], eve))
  }
  expect(await keyIn([eve], eve)).not.toBe(alone)
  expect(await keyIn([{ ...eve, patientId: carla.patientId }], eve)).not.toBe(alone)
})

test('a name leads to its own series alone, also while only another one of its UID is open', async () => {
  const key = await keyIn([carla], carla)
  const at = async (opened: readonly Opened[]): Promise<string | null> =>
    createSeriesKeys(library(opened), kept([key])).uidOf(key)
  expect(await at([carla])).toBe(UID)
  expect(await at([])).toBe(UID)
  expect(await at([renamed(eve), renamed(carla)])).toBe(renamed(carla).seriesUid)
  const elsewhere = await at([eve])
  expect(library([eve]).seriesDetail(elsewhere ?? '').ok).toBe(false)
})

test('what a page asks by the UID from before a second study had it too goes to the series of then', async () => {
  const opened = library([carla])
  const keys = createSeriesKeys(opened, kept([]))
  const before = await keys.keyOf(UID)
  opened.open([renamed(eve), renamed(carla)])
  expect(await keys.keyOf(UID)).toEqual(before)
})

test('work of an earlier version stays with the images it was made on, and is refused where they are others', async () => {
  const old = `series:${UID}`
  const ofCarla = kept([old], ['1.1.slice'])
  const both = [renamed(eve), renamed(carla)]
  expect(await keyIn([carla], carla, ofCarla)).toBe(old)
  expect(await keyIn(both, renamed(carla), ofCarla)).toBe(old)
  expect(await keyIn(both, renamed(eve), ofCarla)).toBe(await keyIn([eve], eve))
  expect(await keyIn([eve], eve, ofCarla)).toBe('annotation-mismatch')
  // Where it names no slice it is the one that is open, and nobody's where two are.
  expect(await keyIn([carla], carla, kept([old]))).toBe(old)
  for (const one of both) expect(await keyIn(both, one, kept([old]))).toBe('annotation-mismatch')
})

test('a series of the same study that names another patient now is refused', async () => {
  const store = kept([await keyIn([carla], carla)])
  const another = { ...carla, patientId: 'PAT-EVE' }
  expect(await keyIn([another], another, store)).toBe('annotation-mismatch')
  expect(await keyIn([carla], carla, store)).not.toBe('annotation-mismatch')
})

test('a series that is not open is known where one alone was worked on, and refused where none or two were', async () => {
  const [one, other] = [await keyIn([carla], carla), await keyIn([eve], eve)]
  expect(await keyIn([], carla, kept([one]))).toBe(one)
  expect(await keyIn([], carla, kept([one, other]))).toBe('not-found')
  expect(await keyIn([], carla)).toBe('not-found')
})
