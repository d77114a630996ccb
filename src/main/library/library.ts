/** The library: what was opened, read by decode threads, confined to the opened roots. Image files are only read. */
import { accept, refuse } from '../../contract'
import type { Refusal, Result, ScanResult, SeriesDetail, SliceTags, Subject } from '../../contract'
import type { Rescale } from '../../core/dicom/instance'
import type { ElementBytes, LibraryService, PixelBody } from './library-service'
import { createBoundedCache } from '../../core/image/bounded-cache'
import { makeCatalogue } from './catalogue'
import type { Catalogue } from './catalogue'
import type { Picture } from './picture'
import { sourceKey } from './decode/job'
import type { Source } from './decode/job'
import { inlinePool, workerPool } from './decode/pool'
import type { DecodePool } from './decode/pool'
import { inspectFiles } from './inspect-files'
import type { Inspected } from './inspect-files'
import { picturesHere } from '../pictures/picture-process'
import type { Pictures } from '../pictures/picture-process'
import { describePictures, photographPixels, photographThumbnail, pictureInput } from './photographs'
import { isInside, realPath, rootOf } from './roots'
import { describeStacks, isPicturePlane } from './stacks'
import { sliceThumbnail } from './slice-thumbnail'
import { walkFiles } from './walk-folder'

export interface LibraryOptions {
  /** Decoded slices and photographs that are kept, in bytes. */
  readonly cacheBytes?: number
  /** The built decode worker; null decodes in the calling thread (tests). */
  readonly workerPath: string | null
  readonly threads?: number
  /** What decodes photographs; in this process where nothing is given. */
  readonly pictures?: Pictures
  /** The time that scans are stamped with. */
  readonly now?: () => Date
}

/** 133 slices of 512 x 512 are 70 MB; three such series stay at hand. */
const DEFAULT_CACHE_BYTES = 256 * 1024 * 1024
const DEFAULT_THREADS = 2
const THUMBNAIL_CACHE_BYTES = 32 * 1024 * 1024

/** Everything that was found so far, by source, so that a second scan of a folder replaces and does not repeat. */
interface Holdings {
  readonly inspected: Map<string, Inspected>
  readonly pictures: Map<string, Picture>
  refused: readonly Refusal[]
  filesRead: number
}

interface Library {
  readonly roots: string[]
  /** Those of the roots that go with the program. */
  readonly passing: Set<string>
  /** Paths whose scan went to its end. */
  readonly scanned: Set<string>
  readonly pool: DecodePool
  readonly pictures: Pictures
  readonly holdings: Holdings
  readonly now: () => Date
  catalogue: Catalogue
  /** A file may change between two scans: what was decoded of it before one that reads it again is not given out after. */
  readonly readAt: Map<string, number>
  scans: number
}

function catalogueOf(roots: readonly string[], holdings: Holdings, now: () => Date): Catalogue {
  return makeCatalogue({
    inspected: [...holdings.inspected.values()],
    pictures: [...holdings.pictures.values()],
    refused: holdings.refused,
    filesRead: holdings.filesRead,
    scannedAt: now().toISOString(),
    roots,
  })
}

/** The paths that may be scanned, with all links followed; those that lead nowhere or out of the roots are refused. */
async function openedPaths(
  roots: readonly string[],
  paths: readonly string[],
): Promise<{ readonly paths: readonly string[]; readonly refused: readonly Refusal[] }> {
  const found: string[] = []
  const refused: Refusal[] = []
  for (const path of paths) {
    const real = await realPath(path)
    if (!real.ok) refused.push(real.refusal)
    else if (rootOf(roots, real.value) !== null) found.push(real.value)
    else
      refused.push({
        code: 'path-outside-roots',
        reason: 'The path lies outside of the opened folders.',
        path: real.value,
        next: 'Open its folder first.',
      })
  }
  return { paths: found, refused }
}

/**
 * What lay below the scanned paths before and is not found there now, or was something else then. `sinceScan`: the last
 * scan that was over when this one began; what another one has read since may have come behind the walk of this one.
 */
function forgetGone(
  { holdings, readAt }: Library,
  scanned: readonly string[],
  isRead: ReadonlySet<string>,
  sinceScan: number,
): void {
  // A file that is read again is known by its name; thousands may be scanned one by one.
  const others = scanned.filter((path) => !isRead.has(path))
  for (const held of [holdings.inspected, holdings.pictures]) {
    for (const [key, { source }] of held) {
      const isOlder = (readAt.get(source.file) ?? 0) <= sinceScan
      const wasScanned = isOlder && others.some((path) => isInside(path, source.file))
      if (wasScanned || isRead.has(source.file)) held.delete(key)
    }
  }
}

/** What the paths hold now, in place of what they held. Paths that are refused are told to who asked, and change nothing. */
async function scan(
  library: Library,
  paths: readonly string[],
  onProgress: Parameters<LibraryService['scan']>[1],
  signal: AbortSignal,
): Promise<Result<ScanResult>> {
  const sinceScan = library.scans
  const asked = await openedPaths(library.roots, paths)
  const walked = await walkFiles(library.roots, asked.paths, signal)
  const inspections = await inspectFiles(library.pool, walked.files, onProgress, signal)
  const { holdings } = library
  const isStopped = (): boolean => signal.aborted
  if (isStopped()) return refuse('cancelled', 'The scan was stopped; nothing was added.')
  const told = (): Result<ScanResult> => {
    const { result } = library.catalogue
    return accept({ ...result, refused: [...result.refused, ...asked.refused] })
  }
  if (asked.paths.length === 0) return told()
  const isRead = new Set(walked.files.map(({ file }) => file))
  forgetGone(library, asked.paths, isRead, sinceScan)
  library.scans += 1
  for (const file of isRead) library.readAt.set(file, library.scans)
  for (const item of inspections.inspected) {
    if (item.found.kind !== 'picture' && item.found.kind !== 'photograph')
      holdings.inspected.set(sourceKey(item.source), item)
  }
  const pictures = await describePictures(library, inspections.inspected, holdings.pictures)
  await describeStacks(library, holdings.pictures)
  const fresh = [...walked.refused, ...inspections.refused, ...pictures]
  const named = new Set(fresh.map((refusal) => `${refusal.path ?? ''}|${refusal.reason}`))
  const again = new Set(walked.files.map(({ path }) => path))
  const isAgain = ({ path }: Refusal): boolean => path !== undefined && again.has(path.split('!/')[0] ?? path)
  holdings.refused = [
    ...holdings.refused.filter(
      (refusal) => !named.has(`${refusal.path ?? ''}|${refusal.reason}`) && !isAgain(refusal),
    ),
    ...fresh,
  ]
  holdings.filesRead += inspections.filesRead
  for (const path of asked.paths) library.scanned.add(path)
  library.catalogue = catalogueOf(library.roots, holdings, library.now)
  return told()
}

const noSeries = (uid: string): Result<never> =>
  refuse('not-found', `No series ${uid} is open.`, {
    next: 'Open its folder again: a program that was started anew has open what its command names.',
  })
const noImage = (id: string): Result<never> =>
  refuse('not-found', `No photograph ${id} is open.`, {
    next: 'Open its folder again: a program that was started anew has open what its command names.',
  })

interface SliceSource {
  readonly source: Source
  readonly path: string
  readonly frame: number
  readonly rescale: Rescale
  readonly isPicture: boolean
}

/** The file and frame of a slice, as the catalogue knows them. */
function sliceSource({ catalogue }: Library, seriesUid: string, index: number): Result<SliceSource> {
  const series = catalogue.series.get(seriesUid)
  if (series === undefined) return noSeries(seriesUid)
  const plane = series.planes[index]
  const slice = series.detail.slices[index]
  const source = plane === undefined ? undefined : catalogue.instances.get(plane.instance)
  if (plane === undefined || slice === undefined || source === undefined) {
    return refuse(
      'not-found',
      `The series has ${series.planes.length} slices; there is none with index ${index}, counted from 0.`,
    )
  }
  const { instance, frame } = plane
  const isPicture = isPicturePlane(instance)
  return accept({ source, path: instance.path, frame, rescale: slice.rescale, isPicture })
}

/** What was decoded of a file when it was read last: another slice before it in its series changes nothing. */
const decodedKey = ({ readAt }: Library, source: Source, ...of: readonly (string | number)[]): string =>
  [readAt.get(source.file) ?? 0, sourceKey(source), ...of].join('|')

const sliceKey = (library: Library, { source, frame, rescale }: SliceSource): string =>
  decodedKey(library, source, 'slice', frame, rescale.slope, rescale.intercept, rescale.unit)

async function readSlice(library: Library, slice: SliceSource): Promise<Result<PixelBody>> {
  const { isPicture, ...where } = slice
  if (isPicture) {
    const input = await pictureInput(library.pool, where.source, where.path)
    return input.ok ? library.pictures.greyPlane(input.value, where.frame) : input
  }
  const answer = await library.pool.run({ kind: 'slice', ...where })
  if (answer.kind === 'slice')
    return {
      ok: true,
      value: {
        description: answer.description,
        bytes: answer.bytes,
        ...(answer.graphics === null ? {} : { graphics: answer.graphics }),
      },
    }
  return answer.kind === 'refused'
    ? { ok: false, refusal: answer.refusal }
    : refuse('internal', 'The decode thread answered something else.')
}

async function readElements(
  library: Library,
  seriesUid: string,
  index: number,
  tags: readonly number[],
): Promise<Result<ElementBytes>> {
  const found = sliceSource(library, seriesUid, index)
  if (!found.ok) return found
  const { source, path } = found.value
  const answer = await library.pool.run({ kind: 'elements', source, path, tags })
  if (answer.kind === 'elements') return accept(answer.elements)
  return answer.kind === 'refused'
    ? { ok: false, refusal: answer.refusal }
    : refuse('internal', 'The decode thread answered something else.')
}

async function readTags(library: Library, seriesUid: string, index: number): Promise<Result<SliceTags>> {
  const found = sliceSource(library, seriesUid, index)
  if (!found.ok) return found
  const { source, path, frame } = found.value
  const answer = await library.pool.run({ kind: 'tags', source, path, frame })
  if (answer.kind === 'tags') return accept(answer.tags)
  return answer.kind === 'refused'
    ? { ok: false, refusal: answer.refusal }
    : refuse('internal', 'The decode thread answered something else.')
}

/** Makes a value once and keeps it; refusals are not kept, so that a file that was locked can be tried again. */
function remembered<T>(
  limitBytes: number,
  sizeBytes: (value: T) => number,
): (key: string, make: () => Promise<Result<T>>) => Promise<Result<T>> {
  const cache = createBoundedCache<T>(limitBytes)
  return async (key, make) => {
    const found = cache.get(key)
    if (found !== undefined) return { ok: true, value: found }
    const made = await make()
    const size = made.ok ? sizeBytes(made.value) : Infinity
    if (made.ok && size <= limitBytes) cache.set(key, made.value, size)
    return made
  }
}

const imageOf = ({ catalogue }: Library, imageId: string): Result<Picture> => {
  const image = catalogue.images.get(imageId)
  return image === undefined ? noImage(imageId) : accept(image)
}

async function addRoot(library: Library, path: string, isPassing: boolean): Promise<Result<string>> {
  const real = await realPath(path)
  if (!real.ok) return real
  if (rootOf(library.roots, real.value) === null) library.roots.push(real.value)
  if (isPassing) library.passing.add(real.value)
  return real
}

async function annotationBytes(library: Library, annotationId: string): Promise<Result<Uint8Array>> {
  const source = library.catalogue.annotations.get(annotationId)
  if (source === undefined)
    return refuse('not-found', `No annotation ${annotationId} is open.`, { next: 'Scan its folder again.' })
  const answer = await library.pool.run({ kind: 'bytes', source, path: sourceKey(source) })
  if (answer.kind === 'bytes') return { ok: true, value: answer.bytes }
  return answer.kind === 'refused'
    ? { ok: false, refusal: answer.refusal }
    : refuse('internal', 'The decode thread answered something else.')
}

function openedPath({ catalogue, roots, passing }: Library, subject: Subject): string | null {
  const isImage = subject.kind === 'image'
  const plane = isImage ? undefined : catalogue.series.get(subject.seriesUid)?.planes[0]
  const source = isImage
    ? catalogue.images.get(subject.imageId)?.source
    : plane && catalogue.instances.get(plane.instance)
  const root = source === undefined ? null : rootOf(roots, source.file)
  if (source === undefined || root === null || passing.has(root)) return null
  return isImage ? source.file : root
}

function filesOf({ catalogue }: Library, subject: Subject): readonly string[] {
  if (subject.kind === 'image') {
    const file = catalogue.images.get(subject.imageId)?.source.file
    return file === undefined ? [] : [file]
  }
  const planes = catalogue.series.get(subject.seriesUid)?.planes ?? []
  return [...new Set(planes.flatMap(({ instance }) => catalogue.instances.get(instance)?.file ?? []))].sort()
}

function annotationFile({ catalogue }: Library, annotationId: string): string | null {
  const source = catalogue.annotations.get(annotationId)
  return source?.kind === 'file' ? source.file : null
}

function detailOf({ catalogue }: Library, seriesUid: string): Result<SeriesDetail> {
  const series = catalogue.series.get(seriesUid)
  return series === undefined ? noSeries(seriesUid) : { ok: true, value: series.detail }
}

function createThumbnails(
  library: Library,
  slicePixels: LibraryService['slicePixels'],
): LibraryService['thumbnail'] {
  const { pictures } = library
  const thumbnails = remembered<Uint8Array>(THUMBNAIL_CACHE_BYTES, (png) => png.byteLength)
  return async (subject, shown = null) => {
    if (subject.kind === 'image') {
      const image = imageOf(library, subject.imageId)
      if (!image.ok) return image
      const key = decodedKey(library, image.value.source, 'image', subject.imageId)
      return thumbnails(key, () => photographThumbnail(library, image.value))
    }
    const { seriesUid } = subject
    const series = library.catalogue.series.get(seriesUid)
    if (series === undefined) return noSeries(seriesUid)
    const { detail, planes } = series
    const index = shown?.sliceIndex ?? Math.floor(planes.length / 2)
    const found = sliceSource(library, seriesUid, index)
    if (!found.ok) return found
    const how = JSON.stringify([detail.windows[0], detail.photometric, detail.summary.spacingMm, shown])
    return thumbnails(`${sliceKey(library, found.value)}|${how}`, async () => {
      const body = await slicePixels(seriesUid, index)
      return body.ok ? sliceThumbnail(detail, body.value, pictures, shown ?? undefined) : body
    })
  }
}

/** Opens a library without roots; `addRoot` opens them. Close it when done: it owns threads. */
export function createLibrary(options: LibraryOptions): LibraryService {
  const holdings: Holdings = { inspected: new Map(), pictures: new Map(), refused: [], filesRead: 0 }
  const now = options.now ?? (() => new Date())
  const pool =
    options.workerPath === null
      ? inlinePool()
      : workerPool(options.workerPath, options.threads ?? DEFAULT_THREADS)
  const pictures = options.pictures ?? picturesHere()
  const library: Library = {
    roots: [],
    passing: new Set(),
    scanned: new Set(),
    pool,
    pictures,
    holdings,
    now,
    catalogue: catalogueOf([], holdings, now),
    readAt: new Map(),
    scans: 0,
  }
  const bodies = remembered<PixelBody>(
    options.cacheBytes ?? DEFAULT_CACHE_BYTES,
    (body) => body.bytes.byteLength + (body.graphics?.byteLength ?? 0),
  )
  const slicePixels: LibraryService['slicePixels'] = async (seriesUid, index) => {
    const found = sliceSource(library, seriesUid, index)
    if (!found.ok) return found
    return bodies(sliceKey(library, found.value), () => readSlice(library, found.value))
  }
  return {
    addRoot: (path, isPassing = false) => addRoot(library, path, isPassing),
    roots: () => [...library.roots],
    isScanned: (root) => [...library.scanned].some((path) => isInside(path, root)),
    scan: (paths, onProgress, signal) => scan(library, paths, onProgress, signal),
    current: () => library.catalogue.result,
    openedPath: (subject) => openedPath(library, subject),
    filesOf: (subject) => filesOf(library, subject),
    annotationFile: (annotationId) => annotationFile(library, annotationId),
    seriesDetail: (seriesUid) => detailOf(library, seriesUid),
    slicePixels,
    sliceElements: (seriesUid, index, tags) => readElements(library, seriesUid, index, tags),
    sliceTags: (seriesUid, index) => readTags(library, seriesUid, index),
    photograph: async (imageId) => {
      const image = imageOf(library, imageId)
      if (!image.ok) return image
      const key = decodedKey(library, image.value.source, 'image', imageId)
      return bodies(key, () => photographPixels(library, image.value))
    },
    thumbnail: createThumbnails(library, slicePixels),
    annotationBytes: (annotationId) => annotationBytes(library, annotationId),
    warm: library.pool.warm,
    close: () => library.pool.close(),
  }
}
