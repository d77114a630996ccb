/** Takes the built-in case as it was shipped, or makes it, opens it as any folder is opened, and brings in its readings. */
import { accept, type AnnotationSummary, type DemoOpened, refuse, type Result } from '../../contract'
import { CHEST_SERIES_UID } from '../../core/phantom/chest-case'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
import { holdsDemoCase, writeDemoCase } from './write-demo-case'

export interface DemoRooms {
  readonly library: LibraryService
  readonly readings: ReadingService
  /** What makes its photograph; in this process where nothing is given. */
  readonly pictures?: Pictures
  /** Where it lies ready, if it was made when Margin was built; it is only read. */
  readonly shippedDir?: string
  /** Folder that it is made in where it does not. */
  readonly folder: string
}

const idsOf = (annotations: readonly AnnotationSummary[]): string[] =>
  annotations.map((annotation) => annotation.annotationId)

async function open(
  { library, readings, pictures, shippedDir, folder: own }: DemoRooms,
  signal: AbortSignal,
): Promise<Result<DemoOpened>> {
  const folder = shippedDir !== undefined && (await holdsDemoCase(shippedDir)) ? shippedDir : own
  const places = await writeDemoCase(folder, signal, pictures)
  const root = await library.addRoot(folder, true)
  if (!root.ok) return root
  const scanned = await library.scan([places.seriesFolder, places.photographFolder], () => undefined, signal)
  if (!scanned.ok) return scanned
  const { annotations, images, series } = library.current()
  const photograph = images.find((image) => places.photographPath.endsWith(image.name))
  const hasSeries = series.some((summary) => summary.seriesUid === CHEST_SERIES_UID)
  if (photograph === undefined || !hasSeries) {
    return refuse('internal', 'The built-in case was written but could not be read back.', { path: folder })
  }
  const readingFiles = annotations.filter(
    ({ kind, seriesUid }) => kind === 'lidc-xml' && seriesUid === CHEST_SERIES_UID,
  )
  const masks = annotations.filter(({ imageId }) => imageId === photograph.imageId)
  for (const annotationIds of [idsOf(readingFiles), idsOf(masks)]) {
    const imported = await readings.importAnnotations({ annotationIds })
    if (!imported.ok) return imported
  }
  return accept({ seriesUid: CHEST_SERIES_UID, imageId: photograph.imageId })
}

/** `openDemo` of the services. Refused: `cancelled`, and `file-unreadable` where the folder cannot be written. */
export async function openDemo(rooms: DemoRooms, signal: AbortSignal): Promise<Result<DemoOpened>> {
  try {
    return await open(rooms, signal)
  } catch (error) {
    if (signal.aborted) return refuse('cancelled', 'Opening the built-in case was cancelled.')
    const why = error instanceof Error ? error.message : String(error)
    return refuse('file-unreadable', `The built-in case cannot be written: ${why}`, {
      path: rooms.folder,
      next: 'Make room on the disk or allow writing to that folder.',
    })
  }
}
