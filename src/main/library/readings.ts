/** Readings that lie beside the images: LIDC reading files for series, masks for photographs. */
import { countedStack } from '../../core/geometry/slice-number'
import { namedPlace } from '../../core/subject/slice-places'
import { keyOfSubject, subjectsNamed } from '../../core/subject/subject'
import {
  accept,
  type AnnotationSummary,
  type ImageSummary,
  type ImportReadingsRequest,
  type Reading,
  type ReadingSet,
  type Refusal,
  refuse,
  type Result,
  type SeriesDetail,
  type Slice,
  type Structure,
  type Warning,
} from '../../contract'
import { fileName } from '../../core/words/case-words'
import { encodeBoxMask } from '../../core/contour/box-mask'
import { countPixels, type Mask } from '../../core/image/mask'
import type { AnnotatedSeries } from '../../core/lidc/lidc-readings'
import type { LibraryService, ReadingService } from './library-service'
import { companionOf } from './companion-masks'
import { picturesHere } from '../pictures/picture-process'
import type { Pictures } from '../pictures/picture-process'
import { readLidc } from './read-beside'

export interface ReadingsWithField extends ReadingService {
  /** The field of view that lies beside a photograph, at the photograph's size; null where none does or it cannot be used. */
  readonly fieldOfViewOf: (imageId: string) => Promise<Mask | null>
}

interface Sources {
  readonly library: LibraryService
  readonly pictures: Pictures
  /** The built `beside-worker.js`; null: reading files are read in the calling thread (tests, the command line). */
  readonly workerPath: string | null
}

const FIRST_LETTER_CODE = 'A'.charCodeAt(0)

function annotatedSeries(detail: SeriesDetail): AnnotatedSeries {
  return {
    seriesUid: detail.summary.seriesUid,
    rows: detail.summary.rows,
    columns: detail.summary.columns,
    slices: detail.slices.map((slice) => ({
      index: slice.index,
      sopInstanceUid: slice.sopInstanceUid,
      zMm: slice.positionMm?.[2] ?? null,
    })),
    stack: countedStack(detail),
  }
}

async function readingsOfLidc(
  { library, workerPath }: Sources,
  annotation: AnnotationSummary,
): Promise<Result<ReadingSet>> {
  const bytes = await library.annotationBytes(annotation.annotationId)
  if (!bytes.ok) return bytes
  const named =
    annotation.seriesUid === null ? await whoseLidc(workerPath, bytes.value) : accept(annotation.seriesUid)
  if (!named.ok) return { ok: false, refusal: { path: annotation.path, ...named.refusal } }
  const seriesUid = named.value
  const detail = library.seriesDetail(seriesUid)
  if (!detail.ok) {
    return refuse(
      'annotation-mismatch',
      `The reading file belongs to series ${seriesUid}, which is not open.`,
      {
        path: annotation.path,
        next: 'Open the folder of that series, then bring in the file again.',
      },
    )
  }
  const series = annotatedSeries(detail.value)
  const read = await readLidc(workerPath, { bytes: bytes.value, series })
  if (!read.ok) return { ok: false, refusal: { path: annotation.path, ...read.refusal } }
  const { structures, warnings } = read.value.readings ?? { structures: [], warnings: [] }
  return accept({
    seriesUid,
    imageId: null,
    source: annotation.path,
    structures: structures.map((structure) => namedStructure(structure, detail.value.slices)),
    warnings: [...warnings],
  })
}

/** A structure with the slices that its numbers stand for. */
const namedStructure = (structure: Structure, slices: readonly Slice[]): Structure => ({
  ...structure,
  centre: namedPlace(structure.centre, slices),
  readings: structure.readings.map((reading) => ({
    ...reading,
    slices: reading.slices.map((slice) => namedPlace(slice, slices)),
  })),
})

/** The series that a file names itself. */
async function whoseLidc(workerPath: string | null, bytes: Uint8Array): Promise<Result<string>> {
  const read = await readLidc(workerPath, { bytes: bytes.slice(), series: null })
  return read.ok ? accept(read.value.seriesUid) : read
}

function readingOfMask(mask: Mask, letter: string): Reading {
  const voxels = countPixels(mask)
  return {
    readingId: `vessels-${letter}`,
    letter,
    label: `Reader ${letter}`,
    voxels,
    empty: voxels === 0,
    slices: voxels === 0 ? [] : [{ sliceIndex: 0, mask: encodeBoxMask(mask, 0, 0) }],
  }
}

/** The letter that the file's name gives, else the first one free. */
function letterOf(annotation: AnnotationSummary, image: ImageSummary, taken: readonly string[]): string {
  const named = companionOf(annotation.path, [image.path])?.letter ?? ''
  if (named !== '' && !taken.includes(named)) return named
  for (let code = FIRST_LETTER_CODE; ; code += 1) {
    const letter = String.fromCharCode(code)
    if (!taken.includes(letter)) return letter
  }
}

async function readMask(
  { library, pictures }: Sources,
  annotation: AnnotationSummary,
  image: ImageSummary,
): Promise<Result<Mask>> {
  const bytes = await library.annotationBytes(annotation.annotationId)
  return bytes.ok ? pictures.readMaskPicture(bytes.value, image, annotation.path) : bytes
}

const lossyWords = (name: string): string =>
  `${name} is a JPEG picture, which changes values along borders: outlines and area may be off by pixels. Save masks as PNG.`

/** Those that can be read; the others are named. Refused: no mask that can be read. */
async function readMasks(
  sources: Sources,
  annotations: readonly AnnotationSummary[],
  image: ImageSummary,
): Promise<Result<ReadingSet>> {
  const readings: Reading[] = []
  const warnings: Warning[] = []
  const unread: Refusal[] = []
  for (const annotation of annotations) {
    const mask = await readMask(sources, annotation, image)
    const name = fileName(annotation.path)
    if (!mask.ok) {
      const { reason } = mask.refusal
      unread.push({ ...mask.refusal, path: annotation.path, reason: `${name}: ${reason}` })
      continue
    }
    if (annotation.kind === 'field-of-view') continue
    if (/\.jpe?g$/i.test(name)) warnings.push({ code: 'mask-lossy', text: lossyWords(name) })
    const letter = letterOf(
      annotation,
      image,
      readings.map((reading) => reading.letter),
    )
    readings.push(readingOfMask(mask.value, letter))
  }
  const [first] = unread
  if (first !== undefined && readings.length === 0)
    return { ok: false, refusal: { ...first, reason: unread.map(({ reason }) => reason).join(' ') } }
  // One that cannot be read keeps back none of the others.
  warnings.push(...unread.map(({ reason }) => ({ code: 'mask-left-out', text: `Left out. ${reason}` })))
  readings.sort((a, b) => a.letter.localeCompare(b.letter))
  for (const reading of readings) {
    if (reading.empty) warnings.push({ code: 'reading-empty', text: `${reading.label} marked no pixel.` })
  }
  return accept({
    seriesUid: null,
    imageId: image.imageId,
    source: annotations.map((annotation) => annotation.path).join(', '),
    structures: [
      {
        structureId: 'vessels',
        label: 'Vessels',
        firstSlice: 0,
        lastSlice: 0,
        centre: { column: (image.width - 1) / 2, row: (image.height - 1) / 2, sliceIndex: 0 },
        readings,
      },
    ],
    warnings,
  })
}

async function read(sources: Sources, request: ImportReadingsRequest): Promise<Result<ReadingSet>> {
  const { annotations, images } = sources.library.current()
  const wanted: AnnotationSummary[] = []
  for (const id of request.annotationIds) {
    const annotation = annotations.find((candidate) => candidate.annotationId === id)
    if (annotation === undefined)
      return refuse('not-found', `There is no annotation ${id}.`, { next: 'Scan the folder again.' })
    wanted.push(annotation)
  }
  const [first] = wanted
  if (first?.kind === 'lidc-xml') {
    if (wanted.length === 1) return readingsOfLidc(sources, first)
    return refuse('request-invalid', 'A reading file of a series is brought in alone.', {
      next: 'Choose one reading file.',
    })
  }
  const image = images.find((candidate) => candidate.imageId === first?.imageId)
  const masks = wanted.every(
    (annotation) =>
      annotation.imageId === first?.imageId &&
      (annotation.kind === 'mask' || annotation.kind === 'field-of-view'),
  )
  if (image === undefined || !masks) {
    return refuse('annotation-unsupported', 'These files are not masks of one photograph.', {
      next: 'Choose the masks of one photograph, or one LIDC reading file.',
    })
  }
  return readMasks(sources, wanted, image)
}

/** Readings of what the library holds. A second import for the same series or photograph replaces the first. */
export function createReadings(given: Pick<Sources, 'library'> & Partial<Sources>): ReadingsWithField {
  const { library, pictures = picturesHere(), workerPath = null } = given
  const sources: Sources = { library, pictures, workerPath }
  const sets = new Map<string, ReadingSet>()
  return {
    importAnnotations: async (request) => {
      const set = await read(sources, request)
      if (!set.ok) return set
      for (const subject of subjectsNamed(set.value)) sets.set(keyOfSubject(subject), set.value)
      return set
    },
    of: (subject) => sets.get(keyOfSubject(subject)) ?? null,
    fieldOfViewOf: async (imageId) => {
      const { annotations, images } = library.current()
      const image = images.find((candidate) => candidate.imageId === imageId)
      const beside = annotations.find(({ kind, imageId: of }) => kind === 'field-of-view' && of === imageId)
      if (image === undefined || beside === undefined) return null
      const mask = await readMask(sources, beside, image)
      return mask.ok ? mask.value : null
    },
  }
}
