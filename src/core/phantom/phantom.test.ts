import { expect, test } from 'vitest'
import { decodeBoxMask } from '../contour/box-mask'
import { countPixels, type Mask } from '../image/mask'
import { parseLidcFile } from '../lidc/lidc-file'
import { lidcReadings } from '../lidc/lidc-readings'
import { CHEST_SERIES_UID, chestReadingFile } from './chest-case'
import { CHEST, noduleCentreIndex } from './chest-volume'
import { fundusPhantom } from './fundus-photograph'
import { lungVessels } from './lung-vessels'
import { DRAW } from './noise'
import { simulatedReaders } from './simulated-readers'

test('the same vessels grow on every call, thinner away from the hilum', () => {
  const tubes = lungVessels(DRAW.rightVessels, -1, 200)
  expect(lungVessels(DRAW.rightVessels, -1, 200)).toEqual(tubes)
  const root = Math.max(...tubes.map((tube) => tube.fromRadiusMm))
  expect(Math.max(...tubes.slice(0, 3).map((tube) => tube.fromRadiusMm))).toBe(root)
  for (const tube of tubes) expect(tube.toRadiusMm).toBeLessThanOrEqual(tube.fromRadiusMm)
})

const drawn = simulatedReaders()

test('reading the file gives each reader the very mask that was drawn, slice by slice', () => {
  const parsed = parseLidcFile(chestReadingFile().bytes)
  if (!parsed.ok) throw new Error(parsed.refusal.reason)
  const sopUids = new Map(
    parsed.value.sessions.flatMap((session) =>
      session.nodules.flatMap((nodule) =>
        nodule.edgeMaps.map((map) => [map.zMm ?? 0, map.sopInstanceUid] as const),
      ),
    ),
  )
  const readings = lidcReadings(parsed.value, {
    seriesUid: CHEST_SERIES_UID,
    rows: CHEST.sizePx,
    columns: CHEST.sizePx,
    slices: Array.from({ length: CHEST.sliceCount }, (_unused, index) => {
      const zMm = CHEST.firstPositionMm[2] + index * CHEST.sliceStepMm
      return { index, zMm, sopInstanceUid: sopUids.get(zMm) ?? `none ${index}` }
    }),
    stack: null,
  })
  if (!readings.ok) throw new Error(readings.refusal.reason)
  expect(readings.value.structures).toHaveLength(1)
  const [nodule] = readings.value.structures
  const read = nodule?.readings.map(
    (reading) => new Map(reading.slices.map((s) => [s.sliceIndex, decodeBoxMask(s.mask)])),
  )
  expect(read).toEqual(drawn)
  expect(nodule?.readings.map((reading) => reading.empty)).toEqual([false, false, false, true])
  expect(nodule?.centre.column).toBeCloseTo(noduleCentreIndex.column, -1)
})

test('the readers disagree as meant: A draws most, C least of those who drew', () => {
  const [a = 0, b = 0, c = 0, d = 0] = drawn.map((masks) =>
    [...masks.values()].reduce((sum, mask) => sum + countPixels(mask.mask), 0),
  )
  expect(a).toBeGreaterThan(b)
  expect(b).toBeGreaterThan(c)
  expect(c).toBeGreaterThan(100)
  expect(d).toBe(0)
})

const share = (mask: Mask): number => countPixels(mask) / mask.pixels.length

test('vessels are darker than their surroundings, and the readers differ in width and reach', () => {
  const drawing = fundusPhantom()
  let step = drawing.next()
  while (step.done !== true) step = drawing.next()
  const eye = step.value
  const [a, b] = eye.readers
  if (a === undefined || b === undefined) throw new Error('two readers were drawn')
  expect(share(a)).toBeGreaterThan(share(b))
  const both = a.pixels.reduce((sum, pixel, index) => sum + (pixel & (b.pixels[index] ?? 0)), 0)
  const dice = (2 * both) / (countPixels(a) + countPixels(b))
  // Readers of CHASE_DB1 agree with 0.78 (data/retina/README.md).
  expect(dice).toBeGreaterThan(0.7)
  expect(dice).toBeLessThan(0.85)
  let [inside, outside] = [0, 0]
  eye.fieldOfView.pixels.forEach((seen, index) => {
    const green = eye.rgb[index * 3 + 1] ?? 0
    if (seen === 1 && a.pixels[index] === 1) inside += green
    else if (seen === 1) outside += green
  })
  const vessels = countPixels(a)
  const ground = countPixels(eye.fieldOfView) - vessels
  expect(outside / ground - inside / vessels).toBeGreaterThan(8)
  expect(a.pixels.every((pixel, index) => pixel <= (eye.fieldOfView.pixels[index] ?? 0))).toBe(true)
})
