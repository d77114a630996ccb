import { NewEntry, accept, refuse } from '../../contract'
import type { Comparison, Result, SeriesDetail, Slice, Subject } from '../../contract'
import { inOwnThread } from '../library/own-thread'
import { compareReadings, type CompareOptions } from '../../core/comparison/reading-comparison'
import { givingWay, inSlices } from './in-slices'
import { type OwnedImport, readImport } from './imported-reading'
import type { ShownReading } from './shown-reading'

/**
 * Work on readings whose size others decide, away from the thread that serves: parsing a large gesture, unpacking what
 * was brought in, comparing many readings. Small work is done where it is asked for, since starting a thread takes
 * longer.
 */

/** Data alone, so that it can go to another thread. */
export type ReadingsJob =
  | {
      readonly kind: 'compare'
      readonly subject: Subject
      readonly detail: SeriesDetail | null
      readonly shown: readonly ShownReading[]
      readonly options: CompareOptions
    }
  | {
      readonly kind: 'imports'
      readonly imports: readonly OwnedImport[]
      readonly slices: readonly Slice[] | null
    }
  | { readonly kind: 'entry'; readonly bytes: Uint8Array }

/** The built `readings-worker.js`; null: everything is done in the calling thread (tests, the command line). */
export type ReadingsWorkerPath = string | null

/** Far above what hundreds of large readings take. */
const LIMITS = { limitMs: 120_000, heapMb: 1024 }
/** Some milliseconds of work each. */
const LARGE_PX = 200_000
const MANY_READINGS = 12
const LARGE_BYTES = 64_000

/** What the other thread does, and the buffers that it moves back. */
export async function performJob(
  job: ReadingsJob,
): Promise<readonly [result: Result<unknown>, moved: readonly ArrayBuffer[]]> {
  if (job.kind === 'compare')
    return [await inSlices(compareReadings(job.subject, job.detail, job.shown, job.options)), []]
  if (job.kind === 'entry') return [parseEntry(job.bytes), []]
  const read = readImports(job.imports, job.slices)
  return [accept(read), buffersOf(read)]
}

const away = <T>(
  workerPath: string,
  job: ReadingsJob,
  moved: readonly ArrayBuffer[] = [],
): Promise<Result<T>> =>
  inOwnThread<T>(workerPath, job, job.kind === 'entry' ? job.bytes : new Uint8Array(0), LIMITS, moved)

/** What the masks of readings lie in: moved between threads, since tens of megabytes are not copied in one turn. */
export function buffersOf(shown: readonly ShownReading[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const { structures } of shown)
    for (const { outlines } of structures)
      for (const { placed } of outlines) {
        const { buffer } = placed.mask.pixels
        if (buffer instanceof ArrayBuffer) buffers.add(buffer)
      }
  return [...buffers]
}

/** The same readings with masks of their own, copied with turns for others in between: what is moved away is gone. */
async function copied(shown: readonly ShownReading[]): Promise<ShownReading[]> {
  const giveWay = givingWay()
  const readings: ShownReading[] = []
  for (const reading of shown) {
    const structures: ShownReading['structures'][number][] = []
    for (const structure of reading.structures) {
      const outlines: (typeof structure.outlines)[number][] = []
      for (const { sliceIndex, placed } of structure.outlines) {
        const mask = { ...placed.mask, pixels: placed.mask.pixels.slice() }
        outlines.push({ sliceIndex, placed: { ...placed, mask } })
        await giveWay()
      }
      structures.push({ ...structure, outlines })
    }
    readings.push({ ...reading, structures })
  }
  return readings
}

const pixelsOf = (shown: readonly ShownReading[]): number => {
  let sum = 0
  for (const { structures } of shown)
    for (const { outlines } of structures) for (const { placed } of outlines) sum += placed.mask.pixels.length
  return sum
}

/** `compareReadings`, wherever it holds nobody up. */
export async function compareAway(
  workerPath: ReadingsWorkerPath,
  subject: Subject,
  detail: SeriesDetail | null,
  shown: readonly ShownReading[],
  options: CompareOptions,
): Promise<Result<Comparison>> {
  const isLarge = shown.length > MANY_READINGS || pixelsOf(shown) > LARGE_PX
  if (workerPath === null || !isLarge) return inSlices(compareReadings(subject, detail, shown, options))
  const own = await copied(shown)
  return away<Comparison>(
    workerPath,
    { kind: 'compare', subject, detail, shown: own, options },
    buffersOf(own),
  )
}

/** What was brought in, as readings on the slices of the series as they are now; what cannot be read is left out. */
export async function importsAway(
  workerPath: ReadingsWorkerPath,
  imports: readonly OwnedImport[],
  slices: readonly Slice[] | null,
): Promise<Result<readonly ShownReading[]>> {
  const bytes = imports.reduce((sum, { content }) => sum + content.length, 0)
  if (workerPath === null || bytes <= LARGE_BYTES) return accept(readImports(imports, slices))
  return away<readonly ShownReading[]>(workerPath, { kind: 'imports', imports, slices })
}

const readImports = (
  imports: readonly OwnedImport[],
  slices: readonly Slice[] | null,
): readonly ShownReading[] =>
  imports.flatMap((one) => {
    const read = readImport(one, slices)
    return read.ok ? [read.value] : []
  })

/** A gesture as it was sent. Refused: what is no JSON, and what is no gesture. */
export async function entryAway(
  workerPath: ReadingsWorkerPath,
  bytes: Uint8Array,
): Promise<Result<NewEntry>> {
  if (workerPath === null || bytes.length <= LARGE_BYTES) return parseEntry(bytes)
  return away<NewEntry>(workerPath, { kind: 'entry', bytes })
}

function parseEntry(bytes: Uint8Array): Result<NewEntry> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return refuse('request-invalid', 'The request body is not JSON.')
  }
  const parsed = NewEntry.safeParse(value)
  if (parsed.success) return accept(parsed.data)
  const [issue] = parsed.error.issues
  return refuse(
    'request-invalid',
    `${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'invalid'}`,
  )
}
