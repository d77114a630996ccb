import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ComparedReading } from '../../contract'
import { lineLetters } from '../../core/comparison/reading-comparison'
import { encodeBoxMask } from '../../core/contour/box-mask'
import {
  areaOfReading,
  lookOfReading,
  markOfReading,
  outlinesOfReadings,
  sizeOfReading,
  stepMapOn,
  votersOf,
  votesAt,
} from './compared-outlines'

const SIDE = 6
const NOT_COUNTED = { importId: 'i', isOwn: true, counts: false, inPanel: true }

function reading(name: string, source: ComparedReading['source'], pixels: Uint8Array): ComparedReading {
  const mask = encodeBoxMask({ widthPx: SIDE, heightPx: SIDE, pixels }, 0, 0)
  const verdict = pixels.includes(1) ? 'outlined' : 'nothing'
  return {
    ...{ readingId: name, source, name, letter: 'B', attemptNumber: null, committedAt: null, blind: true },
    ...{ answer: { verdict, reason: '', confidence: null, comment: '' }, origins: [] },
    slices: pixels.includes(1) ? [{ sliceIndex: 3, mask }] : [],
  }
}

const pixels = fc.uint8Array({ minLength: SIDE * SIDE, maxLength: SIDE * SIDE, max: 1 })

it('counts the minority at every pixel as counting by hand does, whatever box each reading has', () => {
  fc.assert(
    fc.property(fc.array(pixels, { minLength: 2, maxLength: 6 }), (masks) => {
      const readings = masks.map((mask, at) => reading(`${at}`, at === 0 ? 'own' : 'peer', mask))
      const voters = votersOf(readings, '0')
      const map = stepMapOn(voters, 3)
      for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
        const [column, row] = [pixel % SIDE, Math.floor(pixel / SIDE)]
        const marked = masks.filter((mask) => mask[pixel] === 1).length
        expect(votesAt(voters, 3, column, row)).toBe(marked)
        const [x, y] = [column - (map?.originColumn ?? 0), row - (map?.originRow ?? 0)]
        const inside = map !== null && x >= 0 && y >= 0 && x < map.widthPx && y < map.heightPx
        expect(inside ? map.minority[y * map.widthPx + x] : 0).toBe(Math.min(marked, masks.length - marked))
      }
    }),
  )
})

it('gives one vote to each reader, none to who cannot judge, and draws nothing on another slice', () => {
  const drawn = new Uint8Array(SIDE * SIDE).fill(1)
  const unsure = reading('c', 'peer', drawn)
  const readings = [
    reading('a1', 'own', drawn),
    reading('a2', 'own', drawn),
    reading('b', 'peer', new Uint8Array(SIDE * SIDE)),
    { ...unsure, answer: { ...unsure.answer, verdict: 'cannot-judge' as const } },
    // A file that is not counted has no vote in the map either.
    { ...reading('f', 'imported', new Uint8Array(SIDE * SIDE).fill(1)), imported: NOT_COUNTED },
  ]
  const voters = votersOf(readings, 'a2')
  expect(voters.map(({ readingId }) => readingId)).toEqual(['a2', 'b'])
  expect(stepMapOn(voters, 3)?.readerCount).toBe(2)
  expect(stepMapOn(voters, 2)).toBeNull()
  expect(readings.map((one) => lookOfReading(one, 'a2').colour === '#F0E442')).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

it('draws the own outlines over all others, the earlier one dashed, and keeps what is hidden off the image alone', () => {
  const drawn = new Uint8Array(SIDE * SIDE).fill(1)
  const readings = [reading('a1', 'own', drawn), reading('b', 'peer', drawn), reading('a2', 'own', drawn)]
  const outlines = outlinesOfReadings(readings, 3, 'a2', new Set(['b']))
  expect(outlines.map(({ label, visible }) => [label, visible])).toEqual([
    ['b', false],
    ['a1', true],
    ['a2', true],
  ])
  expect(outlines.map(({ line }) => line?.dashPx.length)).toEqual([undefined, 2, 0])
  expect(outlines.every(({ rings }) => rings.length === 1)).toBe(true)
  expect(outlinesOfReadings(readings, 2, 'a2', new Set()).every(({ rings }) => rings.length === 0)).toBe(true)
})

it('says the size where there is one, and why there is none where there is none', () => {
  const drawn = reading('a', 'peer', new Uint8Array(SIDE * SIDE).fill(1))
  const nothing = reading('b', 'peer', new Uint8Array(SIDE * SIDE))
  const unsure = { ...drawn, answer: { ...drawn.answer, verdict: 'cannot-judge' as const } }
  const plain = (text: string): string => text.replaceAll(/[\u00a0\u2009\u202f]/g, ' ')
  // The disc of 36 pixels of 0.25 mm²: 2 √(9 / π) mm.
  expect(plain(sizeOfReading(drawn, 3, { row: 0.5, column: 0.5 }))).toBe('3.4 mm')
  expect(plain(sizeOfReading(drawn, 3, null))).toBe('6.8 px')
  expect(sizeOfReading(drawn, 2, null)).toBe('not here')
  expect([sizeOfReading(nothing, 3, null), sizeOfReading(unsure, 3, null)]).toEqual([
    'nothing',
    'cannot judge',
  ])
  expect(plain(areaOfReading(drawn, 3))).toBe('36.0 px²')
  expect([areaOfReading(nothing, 3), areaOfReading(unsure, 3)]).toEqual(['nothing', 'cannot judge'])
})

it('marks each reading on the image by what tells it from the others: never by the end of a file’s name', () => {
  const drawn = new Uint8Array(SIDE * SIDE).fill(1)
  const shown = [
    reading('You, attempt 2', 'own', drawn),
    reading('Peer 3', 'peer', drawn),
    reading('File slice-3', 'imported', drawn),
    reading('File other-3', 'imported', drawn),
    reading('Reader A', 'imported', drawn),
    reading('Reader A', 'imported', drawn),
  ]
  const letters = lineLetters(shown)
  const marks = shown.map((one, at) => markOfReading({ ...one, letter: letters[at] ?? '' }))
  expect(marks).toEqual(['You 2', '3', 'C', 'D', 'A', 'E'])
})

it('has a letter of its own for each of more readings than letters', () => {
  const shown = Array.from({ length: 60 }, (_, at) => ({
    source: 'imported' as const,
    name: at === 7 ? 'Reader C' : `File ${at}`,
  }))
  const letters = lineLetters(shown)
  expect(new Set(letters).size).toBe(60)
  expect([letters[0], letters[7], letters[25], letters[26]]).toEqual(['A', 'C', 'Z', 'A2'])
})
