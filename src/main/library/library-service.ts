import type {
  ImportReadingsRequest,
  NewRecent,
  PixelDescription,
  ReadingSet,
  Result,
  ScanResult,
  SeriesDetail,
  SliceTags,
  Subject,
} from '../../contract'

/** Pixels as they cross the boundary: little endian, described by `description`. */
export interface PixelBody {
  readonly description: PixelDescription
  readonly bytes: Uint8Array
  /** Overlay planes of the slice, packed, where it brings any. */
  readonly graphics?: Uint8Array | undefined
}

/** Values of a data set's top level as bytes, by tag. */
export type ElementBytes = ReadonlyMap<number, Uint8Array>

export interface ScanProgress {
  readonly filesRead: number
  readonly filesTotal: number
  readonly path: string
}

/** What was opened: series, photographs and what lies beside them. Image files are only read, never written. */
export interface LibraryService {
  /** Opens another folder or file to scans. `isPassing`: it is kept for this program alone (an upload), and goes with it. */
  readonly addRoot: (path: string, isPassing?: boolean) => Promise<Result<string>>
  readonly roots: () => readonly string[]
  /** Whether a scan of this root, or of a folder around it, went to its end since the program started. */
  readonly isScanned: (root: string) => boolean
  /** Scans paths inside the roots and adds what they hold to the library. */
  readonly scan: (
    paths: readonly string[],
    onProgress: (progress: ScanProgress) => void,
    signal: AbortSignal,
  ) => Promise<Result<ScanResult>>
  readonly current: () => ScanResult
  /** The path under which it is found again: of a photograph its file, else what was opened. null: not open, or passing. */
  readonly openedPath: (subject: Subject) => string | null
  /** Real paths of the files that a subject lies in, each once; none where it is not open. */
  readonly filesOf: (subject: Subject) => readonly string[]
  /** Real path of a file beside the images; null: it lies in an archive, or is not open. */
  readonly annotationFile: (annotationId: string) => string | null
  readonly seriesDetail: (seriesUid: string) => Result<SeriesDetail>
  readonly slicePixels: (seriesUid: string, sliceIndex: number) => Promise<Result<PixelBody>>
  /** Values of these elements of the file a slice lies in, as they stand there; absent and empty ones are left out. */
  readonly sliceElements: (
    seriesUid: string,
    sliceIndex: number,
    tags: readonly number[],
  ) => Promise<Result<ElementBytes>>
  /** The header of the file a slice lies in, as rows to read. */
  readonly sliceTags: (seriesUid: string, sliceIndex: number) => Promise<Result<SliceTags>>
  /** 8-bit RGB as a browser would show it. */
  readonly photograph: (imageId: string) => Promise<Result<PixelBody>>
  /** PNG, at most 256 px on its long side; of a series the slice that is named, else the middle one in its own window. */
  readonly thumbnail: (subject: Subject, shown?: NewRecent['shown']) => Promise<Result<Uint8Array>>
  readonly annotationBytes: (annotationId: string) => Promise<Result<Uint8Array>>
  /** Gets ready for what will be opened. */
  readonly warm: () => void
  readonly close: () => Promise<void>
}

export interface ReadingService {
  readonly importAnnotations: (request: ImportReadingsRequest) => Promise<Result<ReadingSet>>
  /** What was brought in of a subject; null: nothing. */
  readonly of: (subject: Subject) => ReadingSet | null
}
