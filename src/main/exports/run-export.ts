import type { ImageSummary, NoduleKind, RunExportFormat, SeriesDetail } from '../../contract'
import type { ReportedTarget } from '../figures/infer-report'
import type { LibraryService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'

/** What goes out, and of what. */
export interface RunExport {
  readonly library: LibraryService
  readonly pictures: Pictures
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
  readonly target: ReportedTarget
  readonly formats: readonly RunExportFormat[]
  readonly noduleKind: NoduleKind | null
  readonly patientFields: boolean
}
