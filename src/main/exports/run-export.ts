import type { ImageSummary, NoduleKind, RunExportFormat, SeriesDetail } from '../../contract'
import type { ReportedTarget } from '../figures/infer-report'
import type { LibraryService } from '../library/library-service'

/** What goes out, and of what. */
export interface RunExport {
  readonly library: LibraryService
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
  readonly target: ReportedTarget
  readonly formats: readonly RunExportFormat[]
  readonly noduleKind: NoduleKind | null
  readonly patientFields: boolean
  /** Whether libvips may be loaded into this process. */
  readonly drawsPictures: boolean
}
