import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Refusal, Status, Subject } from '../../contract'
import { createWorkspaceServices, type WorkspaceServices } from './create-workspace-services'
import { CHEST_SERIES_UID } from '../../core/phantom/chest-case'
import { openDemo } from '../demo/open-demo'
import type { Launch } from '../processes/launch'
import { createRunExports } from '../exports/run-exports'
import { createRuns } from '../inference/runs'
import { createIdentify, type RunsOptions } from '../inference/prepared-run'
import { createKeptRuns, type KeptRuns, type KeptRunsParts } from '../lesions/kept-runs'
import { createLesionRuns, readersOfKeptLesion } from '../lesions/lesion-runs'
import { createLibrary } from '../library/library'
import type { LibraryService } from '../library/library-service'
import { createReadings } from '../library/readings'
import { scannedAhead } from '../library/scan-ahead'
import { archiveFolder } from '../pacs/archive-folder'
import type { ArchiveFolder } from '../pacs/archive-folder'
import { createArchives } from '../pacs/archives'
import { createReceiver } from '../pacs/receiving/receiver'
import { createPackages } from '../training/packages'
import { promotedModels } from '../training/promotions'
import { createTraining } from '../training/training'
import { trainerPythonHere, trainingHere } from './training-here'
import type { Services } from '../app/services'
import { defaultWorkspace } from '../workspace/default-location'
import { openWorkspace } from '../workspace/open-workspace'
import { keptRunsFolder, type KeptRunsFolder } from '../workspace/kept-runs-folder'
import { recentFolder } from '../workspace/recent-folder'
import { deviceChecks } from './device-checks'
import { examine } from './doctor'
import { createInstruments } from './instruments'
import type { Instruments } from './instruments'
import { openForAll } from './open-for-all'
import type { Resources } from './resources'
import { sessionPrefix, sweepSessions } from './session-folders'
import { researchUse, version } from '../version'

/** What the start command asked to show first. */
export interface Opening {
  readonly paths: readonly string[]
  readonly demo: boolean
  /** Folder or postgres:// address where readings are kept; null: MARGIN_WORKSPACE, else the user's data folder. */
  readonly workspace: string | null
  /** Raters sign in; else there is one local rater. */
  readonly accounts: boolean
  /** Where the paths hold one case alone it is shown at once. */
  readonly showsCase?: boolean
}

export interface ServicesOptions {
  readonly resources: Resources
  readonly environment: NodeJS.ProcessEnv
  readonly door: Status['door']
  readonly opening: Opening
  /** How the door starts child processes. */
  readonly launch: Launch
  readonly log: (refusal: Refusal) => void
  /** Where services come and go on the same processes; not given: their own. */
  readonly instruments?: Instruments
}

/** `isScanned`: what the start command named is open, whichever page asked for it, so that it need not be again. */
function firstOf({ demo, showsCase }: Opening, isScanned: boolean): Status['openFirst'] {
  if (demo) return 'demo'
  if (isScanned) return 'library'
  return showsCase === true ? 'only-case' : 'roots'
}

/** Puts the application together. What it laid down on disk for this session goes when it is closed. */
export async function createServices(options: ServicesOptions): Promise<Services> {
  const { resources, environment, opening } = options
  const location = opening.workspace ?? defaultWorkspace(environment, process.platform)
  const instruments = options.instruments ?? createInstruments({ ...options, location })
  const { pictures, inference } = instruments
  const builtIn = builtInCase()
  const parts = createParts(options, instruments, location, builtIn.isOf)
  const { readings, runs, models } = parts
  const { named, library } = await openRoots(parts.library, options)
  const sessionDir = await openSession()
  let closed: Promise<void> | null = null
  const stop = new AbortController()
  const close = async (): Promise<void> => {
    stop.abort()
    // First what still writes: a worker saves what it has.
    await Promise.allSettled([parts.training.close(), parts.receiver.close(), parts.keptRuns?.settled()])
    await Promise.allSettled([parts.closeWorkspace(), runs.close(), library.close()])
    pictures.close()
    // Again where a file was still being written into it.
    await rm(sessionDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  const demoParts = {
    ...{ library, readings, pictures },
    shippedDir: resources.caseDir,
    folder: join(sessionDir, 'demo'),
  }
  const atStart = opening.accounts ? openForAll(opening, demoParts, options.log, stop.signal) : null
  return {
    ...parts,
    library,
    trainerPython: trainerPythonHere(options),
    openDemo: (signal) => builtIn.open(demoParts, AbortSignal.any([signal, stop.signal])),
    status: () =>
      Promise.resolve({
        version,
        door: options.door,
        researchUse,
        // A page opens what the start command named, and not what comes from elsewhere meanwhile.
        roots: named.every(library.isScanned) ? [...library.roots()] : [...named],
        ...(atStart === null
          ? { openFirst: firstOf(opening, named.every(library.isScanned)), opening: null }
          : { openFirst: 'library', opening: atStart() }),
      }),
    devices: deviceChecks(models, inference, resources.librariesDir),
    doctor: () =>
      examine({
        nodeVersion: process.version,
        platform: process.platform,
        environment,
        home: homedir(),
        temporary: tmpdir(),
        resources,
        electronVersion: electronVersion(),
        uploadDir: sessionDir,
        models,
      }),
    pageDir: resources.pageDir,
    uploadDir: join(sessionDir, 'uploads'),
    log: options.log,
    close: () => (closed ??= close()),
  }
}

/** Opens the built-in case, and knows it again: it is no case of a rater. */
function builtInCase() {
  const images = new Set<string>()
  return {
    isOf: (subject: Subject): boolean =>
      subject.kind === 'series' ? subject.seriesUid === CHEST_SERIES_UID : images.has(subject.imageId),
    open: async (...asked: Parameters<typeof openDemo>): ReturnType<typeof openDemo> => {
      const opened = await openDemo(...asked)
      if (opened.ok) images.add(opened.value.imageId)
      return opened
    },
  }
}

/**
 * Opens what the start command named to scans; gives those that are there, with all links followed, and the library, which
 * scans them from now on where a page is going to ask for it.
 */
async function openRoots(
  library: LibraryService,
  { opening, log }: ServicesOptions,
): Promise<{ readonly named: readonly string[]; readonly library: LibraryService }> {
  const named: string[] = []
  for (const path of opening.paths) {
    const root = await library.addRoot(path)
    if (root.ok) named.push(root.value)
    else log(root.refusal)
  }
  if (named.length === 0 || opening.demo || opening.accounts) return { named, library }
  return { named, library: scannedAhead(library, [...library.roots()], () => performance.now()) }
}

/** A folder for what this session lays down; those of sessions that ended go. */
async function openSession(): Promise<string> {
  await sweepSessions(tmpdir())
  return mkdtemp(join(tmpdir(), sessionPrefix(process.pid)))
}

/** Electron's types promise a version that Node does not have. */
const electronVersion = (): string | null =>
  'electron' in process.versions ? process.versions.electron : null

type Worker = 'library' | 'pictures' | 'readings' | 'models' | 'runs' | 'lesions' | 'keptRuns'
type Giver = 'runExports' | 'training' | 'packages' | 'archives' | 'receiver'
type Parts = Pick<Services, Worker | Giver> & WorkspaceServices

/** The services that do the work, joined. */
function createParts(
  options: ServicesOptions,
  { pictures, inference, packages: checked, versions, folder, ownData }: Instruments,
  location: string,
  isBuiltIn: (subject: Subject) => boolean,
): Parts {
  const { resources, environment, opening } = options
  const nowMs = (): number => performance.now()
  const library = createLibrary({ workerPath: resources.program('decode-worker'), pictures })
  const besideWorker = { workerPath: resources.program('beside-worker') }
  const readings = createReadings({ library, pictures, ...besideWorker })
  const models = promotedModels(checked, versions, {
    trainingRecords: (kind) => onWorkspace.trainingGround.store.trainingRecords(kind),
  })
  const drawing = { library, readings, models, inference, version, nowMs }
  const runs = createRuns(drawing)
  const lesions = createLesionRuns({ library, readings, runs, nowMs })
  const onWorkspace = createWorkspaceServices({
    open: openerOf(location, options),
    ...{ location, accounts: opening.accounts, library, readings, pictures, version },
    writeWorkerPath: resources.program('write-worker'),
    readingsWorkerPath: resources.program('readings-worker'),
    nowMs,
    ...{ recentFolder: recentFolder(location, ownData), isBuiltIn },
  })
  const ground = {
    ...onWorkspace.trainingGround,
    ...{ models, versions, folder },
    ...trainingHere({ resources, environment }),
  }
  const training = createTraining({
    ...{ ...ground, library, nowMs },
    fieldOfViewOf: readings.fieldOfViewOf,
    preparePhotograph: inference.preparePhotograph,
  })
  const writeWorkerPath = resources.program('write-worker')
  const runExports = createRunExports({ library, pictures, readings, runs, lesions, writeWorkerPath })
  const packages = createPackages({ ...ground, writeWorkerPath })
  const subjects = onWorkspace.trainingGround.subjects
  const keptRuns = keptRunsHere(
    options,
    { ...drawing, runs, lesions, subjects },
    keptRunsFolder(location, ownData),
  )
  const drawn = { models, runs, lesions, keptRuns, runExports, training, packages }
  const archives = archivesHere(options, library, archiveFolder(location, ownData))
  return { library, pictures, readings, ...archives, ...drawn, ...onWorkspace }
}

/** What was drawn for raters, and is not drawn again. */
const keptRunsHere = (
  { log }: ServicesOptions,
  parts: RunsOptions & Pick<KeptRunsParts, 'runs' | 'lesions' | 'subjects'>,
  folder: KeptRunsFolder,
): KeptRuns =>
  createKeptRuns({
    ...{ ...parts, folder, identify: createIdentify(parts), clock: () => Date.now() },
    readersNow: readersOfKeptLesion(parts),
    log: (why) => {
      log({ code: 'workspace-failed', reason: `What is drawn cannot be kept: ${why}` })
    },
  })

/** What is asked of others, and what others send. */
const archivesHere = (
  { resources, environment, log }: ServicesOptions,
  library: LibraryService,
  folder: ArchiveFolder,
): Pick<Services, 'archives' | 'receiver'> => ({
  archives: createArchives({
    ...{ environment, folder, nowMs: () => performance.now() },
    workerPath: resources.program('archive-worker'),
  }),
  receiver: createReceiver({
    ...{ folder, library, log, nowMs: () => Date.now() },
    workerPath: resources.program('receiver-worker'),
  }),
})

/** Opens the workspace. It is tried again at every question; why it does not open is told once. */
function openerOf(
  location: string,
  { resources, log }: ServicesOptions,
): () => ReturnType<typeof openWorkspace> {
  let told = ''
  return async () => {
    const opened = await openWorkspace(location, {
      clock: () => Date.now(),
      workerPath: resources.program('store-worker'),
    })
    const why = opened.ok ? '' : opened.refusal.reason
    if (!opened.ok && why !== told) log(opened.refusal)
    told = why
    return opened
  }
}
