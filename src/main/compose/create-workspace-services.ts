import type { Result, Subject } from '../../contract'
import { createAccounts } from '../accounts/create-accounts'
import { createAudit } from '../accounts/audit'
import type { Services } from '../app/services'
import { createExchange } from '../exchange/create-exchange'
import type { LibraryService, ReadingService } from '../library/library-service'
import { type Pictures, picturesHere } from '../pictures/picture-process'
import { createAttempts } from '../readings/attempts'
import { createComparisons } from '../readings/comparisons'
import { createDisclosure } from '../readings/disclosure'
import { createDocuments } from '../readings/documents'
import { createClickedPlaces } from '../readings/clicked-places'
import { createMeasurements } from '../readings/measurements'
import { createRecent } from '../readings/recent'
import { createPanels } from '../readings/panels/panels'
import { discloseSubjects } from '../readings/subject-disclosure'
import { createSubjects } from '../readings/subjects'
import { createWorklist } from '../readings/panels/worklist'
import type { TrainingOptions } from '../training/training-options'
import { openedWhenAsked } from '../workspace/opened-when-asked'
import type { RecentFolder } from '../workspace/recent-folder'
import type { WorkspaceStore } from '../workspace/store'

export interface WorkspaceServicesOptions {
  /** Opens the workspace; called at the first question. */
  readonly open: () => Promise<Result<WorkspaceStore>>
  /** What the workspace is called before it is open. */
  readonly location: string
  /** Raters sign in; else there is one local rater. */
  readonly accounts: boolean
  readonly library: LibraryService
  readonly readings: ReadingService
  /** Decodes pictures that are brought in; not given: in this process (tests). */
  readonly pictures?: Pictures
  /** Version of the program. */
  readonly version: string
  /** The built `write-worker.js`; null: files are written in the calling thread (tests). */
  readonly writeWorkerPath: string | null
  /** The built `readings-worker.js`; null: large readings are compared in the calling thread (tests). */
  readonly readingsWorkerPath?: string | null
  readonly nowMs: () => number
  /** Where it is kept what raters had open; not given: nowhere (tests). */
  readonly recentFolder?: RecentFolder
  /** Whether a subject is of the built-in case, which is no case of a rater; not given: none is. */
  readonly isBuiltIn?: (subject: Subject) => boolean
}

/** What stands on the workspace. Every call names the rater who asks, and what is withheld from that rater is withheld there. */
export type WorkspaceServices = Pick<
  Services,
  | 'accounts'
  | 'audit'
  | 'disclosure'
  | 'attempts'
  | 'measurements'
  | 'clickedPlaces'
  | 'recent'
  | 'panels'
  | 'comparisons'
  | 'worklist'
  | 'exchange'
> & {
  readonly closeWorkspace: () => Promise<void>
  /** What training stands on. */
  readonly trainingGround: Pick<TrainingOptions, 'store' | 'documents' | 'subjects' | 'disclosure'>
}

export function createWorkspaceServices(options: WorkspaceServicesOptions): WorkspaceServices {
  const { library, readings, version, writeWorkerPath, nowMs, pictures = picturesHere() } = options
  const workspace = openedWhenAsked(options.open)
  const { store } = workspace
  const subjects = createSubjects(library, store)
  const disclosure = createDisclosure(store, nowMs)
  const parts = {
    store,
    subjects,
    documents: createDocuments(store, subjects.slicesOf),
    disclosure,
    library,
    readings,
    readingsWorkerPath: options.readingsWorkerPath ?? null,
  }
  const measurements = createMeasurements(parts)
  return {
    accounts: createAccounts({ workspace, location: options.location, required: options.accounts, nowMs }),
    audit: createAudit(store, disclosure.anyWithheld),
    disclosure: discloseSubjects(subjects, disclosure),
    attempts: createAttempts(parts),
    measurements,
    clickedPlaces: createClickedPlaces(parts),
    recent: createRecent({
      ...parts,
      folder: options.recentFolder ?? null,
      isBuiltIn: options.isBuiltIn ?? (() => false),
      clock: () => Date.now(),
    }),
    panels: createPanels(parts),
    comparisons: createComparisons(parts),
    worklist: createWorklist(parts),
    exchange: createExchange({ ...parts, measurements, pictures, version, writeWorkerPath }),
    closeWorkspace: workspace.close,
    trainingGround: parts,
  }
}
