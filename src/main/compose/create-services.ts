import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Refusal, Status } from '../../contract'
import { createWorkspaceServices, type WorkspaceServices } from './create-workspace-services'
import { openDemo } from '../demo/open-demo'
import { forcedDevice } from '../inference/process/devices'
import { createInference } from '../inference/process/host'
import type { Inference } from '../inference/process/host'
import type { Launch } from '../processes/launch'
import { createRunExports } from '../exports/run-exports'
import { createRuns } from '../inference/runs'
import { createLesionRuns } from '../lesions/lesion-runs'
import { createLibrary } from '../library/library'
import { picturesInProcess } from '../pictures/picture-process'
import type { Pictures } from '../pictures/picture-process'
import { createReadings } from '../library/readings'
import { archiveFolder } from '../pacs/archive-folder'
import { createArchives } from '../pacs/archives'
import { createModels } from '../registry/models'
import { createVersions } from '../registry/versions'
import { createTraining } from '../training/training'
import { trainingFolder, writeWhole } from '../training/training-folder'
import { trainingHere } from './training-here'
import type { Services } from '../app/services'
import { defaultWorkspace } from '../workspace/default-location'
import { openWorkspace } from '../workspace/open-workspace'
import { deviceChecks } from './device-checks'
import { examine } from './doctor'
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
}

function firstOf({ demo, paths, showsCase }: Opening): Status['openFirst'] {
  if (demo) return 'demo'
  if (paths.length === 0) return 'library'
  return showsCase === true ? 'only-case' : 'roots'
}

/** Puts the application together. What it laid down on disk for this session goes when it is closed. */
export async function createServices(options: ServicesOptions): Promise<Services> {
  const { resources, environment, opening } = options
  const pictures = picturesInProcess(resources.program('pictures'), options.launch)
  const parts = createParts(options, pictures)
  const { library, readings, models, runs, inference } = parts
  await sweepSessions(tmpdir())
  const sessionDir = await mkdtemp(join(tmpdir(), sessionPrefix(process.pid)))
  let closed: Promise<void> | null = null
  const stop = new AbortController()
  const close = async (): Promise<void> => {
    stop.abort()
    // First what still writes: a worker saves what it has.
    await parts.training.close()
    await Promise.allSettled([parts.closeWorkspace(), runs.close(), library.close()])
    pictures.close()
    // Again where a file was still being written into it.
    await rm(sessionDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  for (const path of opening.paths) {
    const root = await library.addRoot(path)
    if (!root.ok) options.log(root.refusal)
  }
  const demoParts = {
    library,
    readings,
    pictures,
    shippedDir: resources.caseDir,
    folder: join(sessionDir, 'demo'),
  }
  const atStart = opening.accounts ? openForAll(opening, demoParts, options.log, stop.signal) : null
  return {
    ...parts,
    openDemo: (signal) => openDemo(demoParts, AbortSignal.any([signal, stop.signal])),
    status: () =>
      Promise.resolve({
        version,
        door: options.door,
        researchUse,
        roots: [...library.roots()],
        ...(atStart === null
          ? { openFirst: firstOf(opening), opening: null }
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

/** Electron's types promise a version that Node does not have. */
const electronVersion = (): string | null =>
  'electron' in process.versions ? process.versions.electron : null

/** The services that do the work, joined. A device that does not exist is refused before anything starts. */
function createParts(
  options: ServicesOptions,
  pictures: Pictures,
): Pick<
  Services,
  'library' | 'readings' | 'models' | 'runs' | 'lesions' | 'runExports' | 'training' | 'archives'
> &
  WorkspaceServices & { readonly inference: Inference } {
  const { resources, environment, opening, launch, door } = options
  const forced = forcedDevice(environment)
  if (!forced.ok) throw new Error(`${forced.refusal.reason} ${forced.refusal.next ?? ''}`)
  const nowMs = (): number => performance.now()
  const inference = createInference({
    childPath: resources.program('inference'),
    platform: process.platform,
    forcedDevice: forced.value,
    launch,
    nowMs,
  })
  const location = opening.workspace ?? defaultWorkspace(environment, process.platform)
  const ownData = defaultWorkspace({ ...environment, MARGIN_WORKSPACE: '' }, process.platform)
  const folder = trainingFolder(location, ownData)
  const versions = createVersions(folder.models, writeWhole)
  const models = createModels({ modelsDir: resources.modelsDir, versions, verify: inference.verify })
  const library = createLibrary({ workerPath: resources.program('decode-worker'), pictures })
  const readings = createReadings({
    ...{ library, pictures, workerPath: resources.program('beside-worker') },
  })
  const runs = createRuns({ library, readings, models, inference, version, nowMs })
  const lesions = createLesionRuns({ library, readings, runs, nowMs })
  const onWorkspace = createWorkspaceServices({
    open: openerOf(location, options),
    location,
    accounts: opening.accounts,
    library,
    readings,
    pictures,
    version,
    writeWorkerPath: resources.program('write-worker'),
    readingsWorkerPath: resources.program('readings-worker'),
    nowMs,
  })
  const training = createTraining({
    ...onWorkspace.trainingGround,
    ...{ library, models, versions, folder, nowMs },
    fieldOfViewOf: readings.fieldOfViewOf,
    preparePhotograph: inference.preparePhotograph,
    ...trainingHere({ resources, environment }),
  })
  const writeWorkerPath = resources.program('write-worker')
  const drawsPictures = door !== 'electron' || process.platform !== 'linux'
  const runExports = createRunExports({ library, readings, runs, lesions, writeWorkerPath, drawsPictures })
  const archives = createArchives({
    ...{ environment, nowMs, folder: archiveFolder(location, ownData) },
    workerPath: resources.program('archive-worker'),
  })
  const drawn = { models, runs, lesions, runExports, inference, training }
  return { library, readings, archives, ...drawn, ...onWorkspace }
}

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
