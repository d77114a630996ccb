/** A series that is fetched never takes the place of, nor away, what was received before. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ctImages } from '../../../../test/fixtures/ct-images'
import { archiveFolder } from '../archive-folder'
import type { ArchiveFolder } from '../archive-folder'
import { arriveIn } from './arrivals'
import type { SeriesArrivals, Wanted } from './arrivals'

const own = ctImages({ patientId: 'P-1', slices: 4 })
const others = ctImages({ patientId: 'P-2', slices: 4 })
type Images = typeof own
const { studyUid, seriesUid } = own

const newFolder = (): ArchiveFolder => archiveFolder(mkdtempSync(join(tmpdir(), 'margin-arrivals-')), '')
const at = (root: string, slice: number): string => join(root, studyUid, seriesUid, `2.25.103.${slice}.dcm`)
function put(root: string, { objects }: Images, slices: readonly number[]): void {
  mkdirSync(join(root, studyUid, seriesUid), { recursive: true })
  for (const slice of slices) writeFileSync(at(root, slice), objects[slice]?.bytes ?? '')
}
const arrive = (folder: ArchiveFolder, slices: readonly number[], wanted: Partial<Wanted> = {}) =>
  arriveIn(
    folder,
    {
      ...{ archive: 'Hospital', studyUid, seriesUid, patientId: 'P-1' },
      listed: slices.map((slice) => ({ sopInstanceUid: `2.25.103.${slice}`, sopClassUid: '' })),
      ...wanted,
    },
    () => undefined,
  )
function send(arrivals: SeriesArrivals, { objects }: Images, slices: readonly number[]): void {
  for (const slice of slices) {
    const arrival = arrivals.begin()
    arrival.write(objects[slice]?.bytes ?? new Uint8Array(0))
    arrival.keep()
  }
}
const bytesAt = (root: string, slice: number): Buffer => readFileSync(at(root, slice))

test('a study that the archive gives another patient now: refused, and what was received stays', () => {
  const folder = newFolder()
  put(folder.received, own, [0, 1, 2])
  expect(() => arrive(folder, [0, 1, 2, 3], { patientId: 'P-9' })).toThrow(/here as that of another patient/)
  for (const slice of [0, 1, 2])
    expect(bytesAt(folder.received, slice).equals(own.objects[slice]?.bytes ?? new Uint8Array(0))).toBe(true)
})

test('what a PACS sent while the series was fetched stays; what is no longer listed does not come in', () => {
  const folder = newFolder()
  put(folder.arriving, own, [3])
  const arrivals = arrive(folder, [0, 1, 2])
  send(arrivals, own, [0, 1, 2])
  // Other bytes of the same object, and of the same patient.
  const sent = Buffer.from(own.objects[1]?.bytes ?? [])
  sent.writeInt16LE(77, sent.length - 2)
  put(folder.received, own, [])
  writeFileSync(at(folder.received, 1), sent)
  arrivals.finish()
  expect(bytesAt(folder.received, 1).equals(sent)).toBe(true)
  expect([0, 1, 2, 3].map((slice) => existsSync(at(folder.received, slice)))).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect(existsSync(join(folder.arriving, studyUid, seriesUid))).toBe(false)
})

test('a study that was sent here as another patient meanwhile is not mixed', () => {
  const folder = newFolder()
  const arrivals = arrive(folder, [0, 1])
  send(arrivals, own, [0, 1])
  put(folder.received, others, [2])
  expect(() => {
    arrivals.finish()
  }).toThrow(/here as that of another patient/)
  expect(existsSync(at(folder.received, 0))).toBe(false)
})

test('an image that the disk damaged is fetched again, and stays until it is', () => {
  const folder = newFolder()
  put(folder.received, own, [0, 1])
  writeFileSync(at(folder.received, 1), Buffer.from(own.objects[1]?.bytes ?? []).subarray(0, 900))
  const arrivals = arrive(folder, [0, 1])
  expect(arrivals.missing()).toMatchObject([{ sopInstanceUid: '2.25.103.1' }])
  expect(bytesAt(folder.received, 1)).toHaveLength(900)
  send(arrivals, own, [1])
  arrivals.finish()
  expect(bytesAt(folder.received, 1).equals(own.objects[1]?.bytes ?? new Uint8Array(0))).toBe(true)
})

test('what a fetch left that was ended in the middle of an object is in nobody’s way', () => {
  const folder = newFolder()
  put(folder.arriving, own, [])
  const left = join(folder.arriving, studyUid, seriesUid, `${process.pid}-1.part`)
  writeFileSync(left, 'half')
  const arrivals = arrive(folder, [0])
  expect(existsSync(left)).toBe(false)
  send(arrivals, own, [0])
  expect(arrivals.missing()).toEqual([])
})

test('a series that is here in another study is not fetched, nor mixed in where it came meanwhile; both are named', () => {
  const folder = newFolder()
  const arrivals = arrive(folder, [0])
  send(arrivals, own, [0])
  const other = join(folder.received, '2.25.909', seriesUid)
  mkdirSync(other, { recursive: true })
  writeFileSync(join(other, '2.25.7.dcm'), own.objects[1]?.bytes ?? '')
  const both = new RegExp(`${seriesUid} is here in the study 2\\.25\\.909.*${studyUid}`)
  expect(() => {
    arrivals.finish()
  }).toThrow(both)
  expect(() => arrive(folder, [0])).toThrow(both)
  expect(existsSync(at(folder.received, 0))).toBe(false)
})
