import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bodyValues } from '../../core/image/display'
import { noduleCentreIndex } from '../../core/phantom/chest-volume'
import { createLibrary } from '../library/library'
import { createReadings } from '../library/readings'
import type { LibraryService } from '../library/library-service'
import { openDemo } from './open-demo'
import { writeDemoCase } from './write-demo-case'

const scratch = mkdtempSync(join(tmpdir(), 'margin-demo-test-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})
const never = new AbortController().signal

test('the case opens as a CT series with four readings and a photograph with two and its field of view', async () => {
  const library = createLibrary({ workerPath: null, now: () => new Date(0) })
  const readings = createReadings({ library })
  const opened = await openDemo({ library, readings, folder: join(scratch, 'case') }, never)
  if (!opened.ok) throw new Error(opened.refusal.reason)
  const { seriesUid, imageId } = opened.value
  const scanned = library.current()
  expect(scanned.refused).toEqual([])
  expect(scanned.series.map((series) => [series.modality, series.slices, series.patientId])).toEqual([
    ['CT', 40, 'MARGIN-PHANTOM'],
  ])
  expect(scanned.series[0]?.warnings).toEqual([])
  expect(scanned.series[0]?.spacingMm).toEqual({ row: 0.703125, column: 0.703125, slice: 2.5 })
  const nodule = readings.of({ kind: 'series', seriesUid })?.structures[0]
  expect(nodule?.readings.map((reading) => reading.empty)).toEqual([false, false, false, true])
  const vessels = readings.of({ kind: 'image', imageId })?.structures[0]
  expect(vessels?.readings.map((reading) => reading.letter)).toEqual(['A', 'B'])
  expect(await readings.fieldOfViewOf(imageId)).toMatchObject({ widthPx: 900, heightPx: 860 })
  await expectAnatomy(library, seriesUid)
  await library.close()
}, 180_000)

/** Hounsfield units at places of the chest, through the DICOM files: neither mirrored nor out of order. */
async function expectAnatomy(library: LibraryService, seriesUid: string): Promise<void> {
  const at = async (slice: number, column: number, row: number): Promise<number> => {
    const body = await library.slicePixels(seriesUid, Math.round(slice))
    if (!body.ok) throw new Error(body.refusal.reason)
    const { description, bytes } = body.value
    const stored = bodyValues(description, bytes)[Math.round(row) * 512 + Math.round(column)] ?? Number.NaN
    return stored * description.slope + description.intercept
  }
  const { column, row, slice } = noduleCentreIndex
  const core = await at(slice, column, row)
  expect(core).toBeGreaterThan(-100)
  expect(core).toBeLessThan(150)
  // Lung, air before the chest, the corner outside the scan circle, the vertebral body.
  expect(await at(30, 400, 256)).toBeLessThan(-700)
  expect(await at(30, 256, 60)).toBeLessThan(-950)
  expect(await at(30, 0, 0)).toBe(-3024)
  expect(await at(30, 257, 340)).toBeGreaterThan(100)
  // The nodule lies left in the picture (the patient's right), the heart reaches to its right, the liver lies lowest.
  expect(core - (await at(slice, 511 - column, row))).toBeGreaterThan(500)
  expect((await at(10, 330, 215)) - (await at(10, 511 - 330, 215))).toBeGreaterThan(500)
  expect((await at(0, 160, 240)) - (await at(39, 160, 240))).toBeGreaterThan(500)
}

test('a case that is there already is left as it is', async () => {
  const folder = join(scratch, 'case')
  const modified = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
      name,
      statSync(join(folder, name)).mtimeMs,
    ])
  const before = modified()
  await writeDemoCase(folder, never)
  expect(modified()).toEqual(before)
})

test('stopped, the case is not taken for whole', async () => {
  const folder = join(scratch, 'stopped')
  await expect(writeDemoCase(folder, AbortSignal.abort())).rejects.toThrow()
  expect(readdirSync(folder)).not.toContain('case.json')
  const library = createLibrary({ workerPath: null })
  const rooms = { library, readings: createReadings({ library }), folder }
  expect(await openDemo(rooms, AbortSignal.abort())).toMatchObject({
    ok: false,
    refusal: { code: 'cancelled' },
  })
  await library.close()
})
