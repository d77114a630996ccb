import type { ImageSummary, InferReport, SeriesDetail } from '../../contract'
import type { LibraryService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
import type { ReportedTarget } from './infer-report'

/** What the files of a command are made from. */
export interface RunFiles {
  readonly library: LibraryService
  readonly pictures: Pictures
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
  readonly targets: readonly ReportedTarget[]
  readonly report: (files: readonly string[]) => InferReport | null
  readonly outDir: string
  readonly signal: AbortSignal
}

/** A file of the output folder; the path has forward slashes on every system. */
export interface OutputFile {
  readonly path: string
  readonly bytes: Uint8Array
}
