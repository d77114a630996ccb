import type { DemoOpened, DoctorReport, Refusal, Result, Status } from '../../contract'
import type { Audit } from '../accounts/audit'
import type { Accounts } from '../accounts/create-accounts'
import type { Exchange } from '../exchange/create-exchange'
import type { Attempts } from '../readings/attempts'
import type { Comparisons } from '../readings/comparisons'
import type { Measurements } from '../readings/measurements'
import type { ClickedPlaces } from '../readings/clicked-places'
import type { Recent } from '../readings/recent'
import type { Panels } from '../readings/panels/panels'
import type { SubjectDisclosure } from '../readings/subject-disclosure'
import type { WorklistService } from '../readings/panels/worklist'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
import type { ModelService } from '../registry/model-service'
import type { Archives } from '../pacs/archives'
import type { Receiver } from '../pacs/receiving/receiver'
import type { RunExports } from '../exports/run-exports'
import type { KeptRuns } from '../lesions/kept-runs'
import type { LesionRuns } from '../lesions/lesion-runs'
import type { RunService } from '../inference/run-service'
import type { Packages } from '../training/packages'
import type { TrainerPythonService } from '../training/python/trainer-python'
import type { Training } from '../training/training'

/** Everything the HTTP application, the doors and the command line stand on. */
export interface Services {
  readonly library: LibraryService
  readonly pictures: Pictures
  readonly readings: ReadingService
  readonly models: ModelService
  readonly runs: RunService
  readonly lesions: LesionRuns
  /** Null: every run is drawn (tests). */
  readonly keptRuns: KeptRuns | null
  readonly runExports: RunExports
  readonly accounts: Accounts
  readonly audit: Audit
  readonly disclosure: SubjectDisclosure
  readonly attempts: Attempts
  readonly measurements: Measurements
  readonly clickedPlaces: ClickedPlaces
  readonly recent: Recent
  readonly panels: Panels
  readonly comparisons: Comparisons
  readonly worklist: WorklistService
  readonly exchange: Exchange
  readonly training: Training
  readonly packages: Packages
  readonly trainerPython: TrainerPythonService
  readonly archives: Archives
  readonly receiver: Receiver
  readonly openDemo: (signal: AbortSignal) => Promise<Result<DemoOpened>>
  readonly status: () => Promise<Status>
  readonly doctor: () => Promise<DoctorReport>
  /** Each device of this system tried, which takes seconds of the processor; a trial that is under way is shared. */
  readonly devices: () => Promise<DoctorReport>
  /** Folder of the built page. */
  readonly pageDir: string
  /** Folder that uploads of this session are kept in. */
  readonly uploadDir: string
  readonly log: (refusal: Refusal) => void
  readonly close: () => Promise<void>
}
