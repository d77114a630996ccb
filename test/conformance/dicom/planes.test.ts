/** Planes cut out of the phantom series of data/dicom: every ball lies where it was put, round, and on its own side. */
import { describe, expect, test } from 'vitest'
import type { PatientPoint } from '../../../src/contract'
import { length, subtract } from '../../../src/core/geometry/vector'
import {
  PLANE_NAMES,
  placeOfPoint,
  planeThrough,
  pointOnPlane,
  type Plane,
} from '../../../src/core/volume/planes'
import type { Volume } from '../../../src/core/volume/reslice'
import { reslice } from '../../fixtures/reslice'
import { cuttableVolume } from '../../../src/core/volume/volume-places'
import { corpusSeries, corpusVolume } from '../../fixtures/corpus-volume'
import { readCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const phantoms = reason === null ? readCorpus().series : {}
interface Ball {
  readonly name: string
  readonly hu: number
  readonly centre: PatientPoint
  readonly radius: number
}
const withBalls = Object.entries(phantoms).filter(
  ([folder, { phantom }]) => phantom !== undefined && !/localizer|missing/.test(folder),
)

/** Pixels above half a ball's value that hang together with its centre: their mean place, and the radius of as large a disc. */
function discAbout(volume: Volume, plane: Plane, { hu, centre }: Ball) {
  const shown = reslice(volume, plane)
  const { widthPx, heightPx, spacingMm } = plane
  const start = pointOnPlane(plane, centre)
  const queue = [[Math.round(start.column), Math.round(start.row)] as const]
  const seen = new Set<number>()
  let [columns, rows] = [0, 0]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [column, row] = next
    const at = row * widthPx + column
    const isIn = column >= 0 && row >= 0 && column < widthPx && row < heightPx
    if (!isIn || seen.has(at) || (shown[at] ?? 0) < hu / 2) continue
    seen.add(at)
    columns += column
    rows += row
    queue.push([column + 1, row], [column - 1, row], [column, row + 1], [column, row - 1])
  }
  const middle = placeOfPoint(plane, { column: columns / seen.size, row: rows / seen.size })
  const areaMm2 = seen.size * spacingMm.row * spacingMm.column
  return { middle, radiusMm: Math.sqrt(areaMm2 / Math.PI) }
}

describe.skipIf(reason !== null)(`planes of the phantoms ${reason ?? ''}`, () => {
  test.each(withBalls)('%s', (folder, { phantom, gaps = [] }) => {
    const [series] = corpusSeries(folder)
    if (series === undefined) throw new Error('no series')
    const volume = corpusVolume(series)
    const { spacingMm } = volume.places
    // A ball is known to the voxel: half of it in its place, all of it in its radius.
    const voxelMm = Math.max(spacingMm.row, spacingMm.column, ...gaps)
    for (const ball of phantom as unknown as readonly Ball[]) {
      for (const name of PLANE_NAMES) {
        const plane = planeThrough(volume.places, name, ball.centre)
        const { middle, radiusMm } = discAbout(volume, plane, ball)
        expect(length(subtract(middle, ball.centre)), `${ball.name} ${name}`).toBeLessThan(voxelMm / 2)
        expect(Math.abs(radiusMm - ball.radius), `${ball.name} ${name}`).toBeLessThan(voxelMm)
      }
    }
  })

  test('of a localizer none can be cut, and each of its stacks says so', () => {
    const words = corpusSeries('geometry/phantom-localizer').map(({ detail }) => cuttableVolume(detail).why)
    expect(words).toEqual(words.map(() => expect.stringContaining('one slice') as string))
    expect(words.length).toBe(3)
  })

  test('a missing slice is left empty: the balls on both sides of it are where they were put, none is stretched', () => {
    const [series] = corpusSeries('geometry/phantom-missing-slice')
    if (series === undefined) throw new Error('no series')
    const volume = corpusVolume(series)
    const coronal = planeThrough(volume.places, 'coronal', [0, 0, 0])
    const shown = reslice(volume, coronal)
    const isEmpty = (z: number): boolean => {
      const row = Math.round(pointOnPlane(coronal, [0, 0, z]).row)
      return shown
        .subarray(row * coronal.widthPx, (row + 1) * coronal.widthPx)
        .every((value) => value === -1024)
    }
    // Slices lie at -4.5 and 1.5 mm, none at -1.5 mm: what lies there, between -3 and 0 mm, is not known.
    expect([-6, -4.5, -1.5, 1.5, 3].map(isEmpty)).toEqual([false, false, true, false, false])
  })

  test('a tilted chest is cut straight: its planes are those of the patient', () => {
    const [series] = corpusSeries('geometry/gantry-tilt-crop')
    if (series === undefined) throw new Error('no series')
    const volume = corpusVolume(series)
    const middle = volume.places.positionsMm[3] ?? [0, 0, 0]
    const sagittal = planeThrough(volume.places, 'sagittal', middle)
    const shown = reslice(volume, sagittal)
    const share = shown.filter((value) => value !== volume.outside).length / shown.length
    // A sheared block in its bounding box: neither empty nor full.
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(1)
  })
})
