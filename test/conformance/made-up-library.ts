import type { ImageSummary, ReadingSet, SeriesDetail, SeriesSummary, Warning } from '../../src/contract'
import { accept } from '../../src/contract'
import { encodeBoxMask } from '../../src/core/contour/box-mask'
import { rgbDescription } from '../../src/core/image/slice-body'
import { countPixels } from '../../src/core/image/mask'
import type { LibraryService, PixelBody } from '../../src/main/library/library-service'
import { madeUpSeries } from '../fixtures/made-up-series'

/** A library of one made-up CT slice and one made-up photograph, with two readers of the disc in the slice. */

export const SIZE_PX = 80
export const SERIES = '1.2.3'
export const IMAGE = 'photo'

export const notAsked = (): never => {
  throw new Error('not asked for in these tests')
}

/** A CT slice of air with a disc of soft tissue around (41, 38), stored + 1000; the last column is outside the scan circle. */
function slice(): PixelBody {
  const stored = new Int16Array(SIZE_PX * SIZE_PX)
  for (let row = 0; row < SIZE_PX; row += 1) {
    for (let column = 0; column < SIZE_PX; column += 1) {
      const inDisc = Math.hypot(column - 41, row - 38) < 7
      stored[row * SIZE_PX + column] =
        column === SIZE_PX - 1 ? -1048 : inDisc ? 1040 : 100 + ((column * 7 + row * 3) % 50)
    }
  }
  const description = {
    widthPx: SIZE_PX,
    heightPx: SIZE_PX,
    type: 'int16' as const,
    slope: 1,
    intercept: -1000,
    unit: 'HU',
    minStored: -1048,
    maxStored: 1040,
    paddingStored: null,
    warnings: [],
  }
  return { description, bytes: new Uint8Array(stored.buffer) }
}

/** A photograph: a bright round field with a brighter disc in it. */
function photograph(): PixelBody {
  const [widthPx, heightPx] = [132, 110]
  const bytes = new Uint8Array(3 * widthPx * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      const inField = Math.hypot(column - 66, row - 55) < 50
      const inDisc = Math.hypot(column - 60, row - 50) < 20
      const value = inField ? (inDisc ? 200 : 60 + ((column + row) % 7)) : 0
      bytes.fill(value, 3 * (row * widthPx + column), 3 * (row * widthPx + column) + 3)
    }
  }
  return { description: rgbDescription({ widthPx, heightPx }, []), bytes }
}

export const detailOf = (spacingMm: SeriesSummary['spacingMm'], modality = 'CT'): SeriesDetail =>
  madeUpSeries(
    {
      seriesUid: SERIES,
      modality,
      description: 'CT chest',
      bodyPart: 'CHEST',
      rows: SIZE_PX,
      columns: SIZE_PX,
      spacingMm,
    },
    { sliceThicknessMm: 2.5 },
  )

const photo: ImageSummary = {
  imageId: IMAGE,
  path: "eye's/left eye.png",
  name: 'left eye.png',
  format: 'png',
  width: 132,
  height: 110,
  bitsPerChannel: 8,
  channels: 3,
  eye: null,
  warnings: [],
}

export function libraryOf(detail: SeriesDetail, photoWarnings: readonly Warning[] = []): LibraryService {
  return {
    addRoot: notAsked,
    roots: () => ['/data', '/data/case 1'],
    isScanned: () => true,
    warm: () => undefined,
    openedPath: ({ kind }) => (kind === 'image' ? `/data/${photo.path}` : '/data/case 1'),
    filesOf: () => [],
    annotationFile: () => null,
    scan: notAsked,
    current: () => ({
      series: [detail.summary],
      images: [{ ...photo, warnings: [...photoWarnings] }],
      annotations: [],
      refused: [],
      filesRead: 2,
      scannedAt: '',
      roots: ['/data/case 1'],
    }),
    seriesDetail: (seriesUid) =>
      seriesUid === SERIES
        ? { ok: true, value: detail }
        : { ok: false, refusal: { code: 'not-found', reason: 'no such series' } },
    slicePixels: () => Promise.resolve({ ok: true, value: slice() }),
    sliceElements: notAsked,
    sliceTags: notAsked,
    photograph: () => Promise.resolve({ ok: true, value: photograph() }),
    thumbnail: () => Promise.resolve(accept(new Uint8Array([0x89, 0x50, 0x4e, 0x47]))),
    annotationBytes: notAsked,
    close: () => Promise.resolve(),
  }
}

/** Reader A drew the disc, reader B nothing. */
export function readingSet(): ReadingSet {
  const pixels = Uint8Array.from({ length: 15 * 15 }, (_, at) =>
    Math.hypot((at % 15) - 7, Math.floor(at / 15) - 7) < 7 ? 1 : 0,
  )
  const mask = { widthPx: 15, heightPx: 15, pixels }
  const voxels = countPixels(mask)
  const reader = (letter: string, drew: boolean): ReadingSet['structures'][number]['readings'][number] => ({
    readingId: `n1-${letter}`,
    letter,
    label: `Reader ${letter}`,
    voxels: drew ? voxels : 0,
    empty: !drew,
    slices: drew ? [{ sliceIndex: 0, mask: encodeBoxMask(mask, 34, 31) }] : [],
  })
  return {
    seriesUid: SERIES,
    imageId: null,
    source: 'test',
    structures: [
      {
        structureId: 'nodule-1',
        label: 'Nodule 1',
        firstSlice: 0,
        lastSlice: 0,
        centre: { column: 41, row: 38, sliceIndex: 0 },
        readings: [reader('A', true), reader('B', false)],
      },
    ],
    warnings: [],
  }
}
