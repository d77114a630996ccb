import type { DemoOpened, DoctorReport, Refusal, Result, Status } from '../../contract'
import type { AnnotationService } from '../readings/annotation-service'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { ModelService } from '../registry/model-service'
import type { RunService } from '../inference/run-service'

/** Everything the HTTP application, the doors and the command line stand on. */
export interface Services {
  readonly library: LibraryService
  readonly readings: ReadingService
  readonly models: ModelService
  readonly runs: RunService
  readonly annotations: AnnotationService
  readonly openDemo: (signal: AbortSignal) => Promise<Result<DemoOpened>>
  readonly status: () => Promise<Status>
  readonly doctor: () => Promise<DoctorReport>
  /** Folder of the built page. */
  readonly pageDir: string
  /** Folder that uploads of this session are kept in. */
  readonly uploadDir: string
  readonly log: (refusal: Refusal) => void
  readonly close: () => Promise<void>
}
