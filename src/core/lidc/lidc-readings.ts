/** A reading file laid on its CT series: lesions with up to four unordered readings each, masks on the series' slices. */
import { type CountedStack, sliceNumber } from '../geometry/slice-number'
import { formatNumber, formatPlural } from '../words/numbers'
import { accept, refuse, type Reading, type Result, type Structure, type Warning } from '../../contract'
import { encodeBoxMask, type PlacedMask } from '../contour/box-mask'
import { countPixels } from '../image/mask'
import { maskOfEdgeMaps } from './edge-mask'
import { unionOf } from '../contour/united-masks'
import { type Annotation, groupIntoLesions, type Lesion } from './lesions'
import type { EdgeMap, LidcFile, OutlinedNodule } from './lidc-file'

/** What must be known of the series; `zMm` is the third number of the slice's position. */
export interface AnnotatedSeries {
  readonly seriesUid: string
  readonly rows: number
  readonly columns: number
  readonly slices: readonly {
    readonly index: number
    readonly sopInstanceUid: string
    readonly zMm: number | null
  }[]
  /** How its slices are counted, for words that name one; null: they are named by their place on the axis. */
  readonly stack: CountedStack | null
}

export interface LidcReadings {
  readonly structures: readonly Structure[]
  /** Nodules that were outlined, by the label of the reader. */
  readonly outlined: ReadonlyMap<string, readonly string[]>
  readonly warnings: readonly Warning[]
}

/** LIDC has four readers; letters beyond D do not exist in it. */
const MAX_READERS = 4
const LETTERS = 'ABCD'
/** Positions are written with six decimals; slices are never closer than this. */
const Z_TOLERANCE_MM = 0.05

/** Which slice an edge map lies on: by its instance UID, else by its z position; null when the series has neither. */
function sliceFinder(series: AnnotatedSeries): (map: EdgeMap) => number | null {
  const byUid = new Map(series.slices.map((slice) => [slice.sopInstanceUid, slice.index]))
  return (map) => {
    const known = byUid.get(map.sopInstanceUid)
    if (known !== undefined) return known
    const { zMm } = map
    if (zMm === null) return null
    const near = series.slices.find(
      (slice) => slice.zMm !== null && Math.abs(slice.zMm - zMm) <= Z_TOLERANCE_MM,
    )
    return near?.index ?? null
  }
}

interface Located {
  readonly annotation: Annotation
  /** Edge maps on slices that the series does not have. */
  readonly lostCount: number
  /** Slices whose edge points enclose no pixel, for example a single point. */
  readonly emptyCount: number
}

function locate(
  nodule: OutlinedNodule,
  session: number,
  findSlice: (map: EdgeMap) => number | null,
): Located {
  const bySlice = new Map<number, EdgeMap[]>()
  let lostCount = 0
  for (const map of nodule.edgeMaps) {
    const index = findSlice(map)
    if (index === null) lostCount += 1
    else bySlice.set(index, [...(bySlice.get(index) ?? []), map])
  }
  const masks = [...bySlice].map(([index, maps]): [number, PlacedMask] => [index, maskOfEdgeMaps(maps)])
  const slices = new Map(masks.filter(([, mask]) => countPixels(mask.mask) > 0))
  return { annotation: { session, slices }, lostCount, emptyCount: masks.length - slices.size }
}

const liesOutside = ({ points }: EdgeMap, { columns, rows }: AnnotatedSeries): boolean =>
  points.some(({ column, row }) => column > columns || row > rows)

interface Inside {
  readonly file: LidcFile
  /** Outlines that reach outside the image. */
  readonly outsideCount: number
}

/** The file without the outlines that reach outside the image: those of another matrix, where all of them do. */
function insideImage(file: LidcFile, series: AnnotatedSeries): Inside {
  let outsideCount = 0
  const sessions = file.sessions.map((session) => ({
    ...session,
    nodules: session.nodules.map((nodule) => {
      const edgeMaps = nodule.edgeMaps.filter((map) => !liesOutside(map, series))
      outsideCount += nodule.edgeMaps.length - edgeMaps.length
      return { ...nodule, edgeMaps }
    }),
  }))
  return { file: { ...file, sessions }, outsideCount }
}

/** The sessions that become readers A to D: those who outlined something first, all in file order, four at most. */
function chooseSessions(file: LidcFile): readonly number[] {
  const all = file.sessions.map((_session, index) => index)
  const outlined = all.filter((index) => (file.sessions[index]?.nodules.length ?? 0) > 0)
  const others = all.filter((index) => !outlined.includes(index))
  return [...outlined, ...others].slice(0, MAX_READERS).sort((a, b) => a - b)
}

const readerLabel = (letter: string): string => `Reader ${letter}`

/** Nodules of a session that have outlines, by their ids. */
const outlinedIn = ({ sessions }: LidcFile, session: number): readonly string[] =>
  (sessions[session]?.nodules ?? []).flatMap(({ noduleId, edgeMaps }) =>
    edgeMaps.length > 0 ? [noduleId] : [],
  )

function readingOf(lesion: Lesion, session: number, letter: string, structureId: string): Reading {
  const own = lesion.annotations.filter((annotation) => annotation.session === session)
  const indices = [...new Set(own.flatMap((annotation) => [...annotation.slices.keys()]))].sort(
    (a, b) => a - b,
  )
  const slices = indices.map((sliceIndex) => {
    const masks = own.flatMap((annotation) => annotation.slices.get(sliceIndex) ?? [])
    return { sliceIndex, mask: unionOf(masks) }
  })
  const voxels = slices.reduce((sum, slice) => sum + countPixels(slice.mask.mask), 0)
  return {
    readingId: `${structureId}-${letter}`,
    letter,
    label: readerLabel(letter),
    voxels,
    empty: voxels === 0,
    slices: slices.map(({ sliceIndex, mask }) => ({
      sliceIndex,
      mask: encodeBoxMask(mask.mask, mask.originColumn, mask.originRow),
    })),
  }
}

interface Extent {
  readonly firstSlice: number
  readonly lastSlice: number
  readonly column: number
  readonly row: number
}

/** Bounding box of all outlines of all readers on all slices; its middle is where a run is centred. */
function extentOf(lesion: Lesion): Extent {
  const placed = lesion.annotations.flatMap((annotation) => [...annotation.slices])
  const indices = placed.map(([index]) => index)
  const masks = placed.map(([, mask]) => mask)
  const left = Math.min(...masks.map((mask) => mask.originColumn))
  const top = Math.min(...masks.map((mask) => mask.originRow))
  const right = Math.max(...masks.map((mask) => mask.originColumn + mask.mask.widthPx - 1))
  const bottom = Math.max(...masks.map((mask) => mask.originRow + mask.mask.heightPx - 1))
  return {
    firstSlice: Math.min(...indices),
    lastSlice: Math.max(...indices),
    column: (left + right) / 2,
    row: (top + bottom) / 2,
  }
}

function structureOf(lesion: Lesion, extent: Extent, number: number, sessions: readonly number[]): Structure {
  const structureId = `nodule-${number}`
  return {
    structureId,
    label: `Nodule ${number}`,
    firstSlice: extent.firstSlice,
    lastSlice: extent.lastSlice,
    centre: {
      column: extent.column,
      row: extent.row,
      sliceIndex: Math.floor((extent.firstSlice + extent.lastSlice) / 2),
    },
    readings: sessions.map((session, index) =>
      readingOf(lesion, session, LETTERS.charAt(index), structureId),
    ),
  }
}

/** What was left out, counted. */
interface LeftOut {
  readonly lost: number
  readonly empty: number
  readonly outside: number
}

/** More places than these are counted. */
const MOST_PLACES = 8

/** Marks of several readers that are this near, on one slice or the next, are one place. */
const SAME_PLACE_PX = 8

interface SmallMark {
  readonly map: EdgeMap
  readonly session: number
}

/** Where small nodules were marked, and by how many readers: "2 places: slice 44 (col 312, row 208), 3 readers; …". */
function placesOf(marks: readonly SmallMark[], series: AnnotatedSeries): string {
  const findSlice = sliceFinder(series)
  const places: { readonly map: EdgeMap; readonly index: number | null; readonly readers: Set<number> }[] = []
  for (const { map, session } of marks) {
    const index = findSlice(map)
    const same = places.find((place) => isSamePlace(place, { map, index }))
    if (same === undefined) places.push({ map, index, readers: new Set([session]) })
    else same.readers.add(session)
  }
  const words = places.slice(0, MOST_PLACES).map(({ map, index, readers }) => {
    const [point] = map.points
    const pixel = point === undefined ? '' : ` (col ${point.column}, row ${point.row})`
    const along = map.zMm === null ? 'an unknown slice' : `z ${formatNumber(map.zMm, 1)} mm`
    const slice =
      index === null || series.stack === null ? along : `slice ${sliceNumber(series.stack, index)}`
    return `${slice}${pixel}, ${formatPlural(readers.size, 'reader')}`
  })
  const rest = places.length - MOST_PLACES
  return `${formatPlural(places.length, 'place')}: ${words.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

type Marked = Pick<SmallMark, 'map'> & { readonly index: number | null }

function isSamePlace(a: Marked, b: Marked): boolean {
  const [[p], [q]] = [a.map.points, b.map.points]
  if (p === undefined || q === undefined) return false
  const isNear = Math.hypot(p.column - q.column, p.row - q.row) <= SAME_PLACE_PX
  if (a.index === null || b.index === null) return isNear && a.map.zMm !== null && a.map.zMm === b.map.zMm
  return isNear && Math.abs(a.index - b.index) <= 1
}

function warningsOf(
  file: LidcFile,
  series: AnnotatedSeries,
  sessions: readonly number[],
  leftOut: LeftOut,
): readonly Warning[] {
  const warnings: Warning[] = []
  const smallMarkCount = sessions.reduce((sum, index) => sum + (file.sessions[index]?.smallMarkCount ?? 0), 0)
  const nodules = sessions.some((index) => (file.sessions[index]?.nodules.length ?? 0) > 0)
  if (!nodules) warnings.push({ code: 'no-outline', text: 'No reader outlined a nodule of 3 mm or more.' })
  if (smallMarkCount > 0) {
    const marks = sessions.flatMap((session) =>
      (file.sessions[session]?.smallMarks ?? []).map((map) => ({ map, session })),
    )
    const where = marks.length === 0 ? 'the file does not say where' : placesOf(marks, series)
    const text = `${formatPlural(smallMarkCount, 'mark')} of nodules below 3 mm ${smallMarkCount === 1 ? 'carries' : 'carry'} no outline; ${where}.`
    warnings.push({ code: 'small-marks', text })
  }
  if (file.sessions.length > sessions.length) {
    const text = `The file holds ${file.sessions.length} reading sessions; sessions ${sessions.map((s) => s + 1).join(', ')} are shown.`
    warnings.push({ code: 'sessions-left-out', text })
  }
  const counted: readonly (readonly [number, string, string])[] = [
    [
      leftOut.lost,
      'slices-missing',
      'outlines lie on slices that the series does not have; they are left out.',
    ],
    [
      leftOut.empty,
      'outlines-empty',
      'outlines of slices enclose no pixel (a single edge point, say) and are not shown.',
    ],
    [leftOut.outside, 'outlines-outside', 'outlines reach outside the image and are left out.'],
    [
      file.damaged?.length ?? 0,
      'outlines-damaged',
      `outlines cannot be used and are left out: ${file.damaged?.[0] ?? ''}.`,
    ],
  ]
  for (const [count, code, text] of counted) if (count > 0) warnings.push({ code, text: `${count} ${text}` })
  return warnings
}

/**
 * Lesions of a reading file on its series, ordered by their first slice, then row and column. Each has one reading a
 * session (four at most), also of a reader who outlined nothing there. Refused as `annotation-mismatch`: another
 * series, or no outline that lies inside the image.
 */
export function lidcReadings(whole: LidcFile, series: AnnotatedSeries): Result<LidcReadings> {
  const { file, outsideCount } = insideImage(whole, series)
  if (file.seriesUid !== series.seriesUid) {
    return refuse(
      'annotation-mismatch',
      `The reading file belongs to series ${file.seriesUid || '(not named)'}.`,
      {
        next: 'Open that series together with the file.',
      },
    )
  }
  const isAllOutside = file.sessions.every(({ nodules }) =>
    nodules.every(({ edgeMaps }) => edgeMaps.length === 0),
  )
  if (outsideCount > 0 && isAllOutside) {
    return refuse(
      'annotation-mismatch',
      `Outlines lie outside the image of ${series.columns} × ${series.rows} pixels.`,
      { next: 'Open the series in its original matrix.' },
    )
  }
  const findSlice = sliceFinder(series)
  const sessions = chooseSessions(file)
  const located = sessions.flatMap((session) =>
    (file.sessions[session]?.nodules ?? []).map((nodule) => locate(nodule, session, findSlice)),
  )
  const marked = located.map(({ annotation }) => annotation).filter(({ slices }) => slices.size > 0)
  const lesions = groupIntoLesions(marked)
    .map((lesion) => ({ lesion, extent: extentOf(lesion) }))
    .sort(
      (a, b) =>
        a.extent.firstSlice - b.extent.firstSlice ||
        a.extent.row - b.extent.row ||
        a.extent.column - b.extent.column,
    )
  const sumOf = (count: (one: Located) => number): number => located.reduce((sum, one) => sum + count(one), 0)
  const leftOut = {
    lost: sumOf(({ lostCount }) => lostCount),
    empty: sumOf(({ emptyCount }) => emptyCount),
    outside: outsideCount,
  }
  const outlined = sessions.map((session, index): [string, readonly string[]] => [
    readerLabel(LETTERS.charAt(index)),
    outlinedIn(whole, session),
  ])
  return accept({
    outlined: new Map(outlined),
    structures: lesions.map(({ lesion, extent }, index) => structureOf(lesion, extent, index + 1, sessions)),
    warnings: warningsOf(file, series, sessions, leftOut),
  })
}
