import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accept, refuse } from '../../src/contract'
import type {
  Grid,
  LesionLine,
  PixelDescription,
  Refusal,
  Result,
  RunLine,
  ScanResult,
} from '../../src/contract'
import type { WorkspaceServices } from '../../src/main/compose/create-workspace-services'
import { createWorkspaceServices } from '../../src/main/compose/create-workspace-services'
import type { LibraryService } from '../../src/main/library/library-service'
import type { RunService } from '../../src/main/inference/run-service'
import type { Services } from '../../src/main/app/services'
import { openWorkspace } from '../../src/main/workspace/open-workspace'
import { madeUpSeries } from '../fixtures/made-up-series'
import { noArchives, noReceiver } from '../fixtures/no-archives'
import { noModels, noPackages } from '../fixtures/no-models'
import { noTrainerPython, nothingTrained } from '../fixtures/nothing-trained'
import { picturesHere } from '../../src/main/pictures/picture-process'

/**
 * The smallest application that fulfils the interface: one series of three slices of 2 x 2 pixels, no photograph, no
 * model. Tests of the doors and of the HTTP application replace the part that they look at.
 */
export function servicesInMemory(parts: Partial<Services> = {}): Services & { readonly logged: Refusal[] } {
  const folder = mkdtempSync(join(tmpdir(), 'margin-test-'))
  const pageDir = join(folder, 'page')
  mkdirSync(pageDir)
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>Margin</title>')
  const logged: Refusal[] = []
  return {
    logged,
    library: libraryInMemory(),
    pictures: picturesHere(),
    readings: {
      importAnnotations: () => Promise.resolve(refuse('not-found', 'No annotation lies here.')),
      of: () => null,
    },
    models: noModels,
    packages: noPackages,
    runs: runsInMemory(),
    lesions: { follow: nothingFollowed },
    keptRuns: null,
    runExports: { exportRun: () => Promise.resolve(refuse('model-missing', 'No model is installed.')) },
    ...onWorkspaceInMemory(),
    training: nothingTrained,
    trainerPython: noTrainerPython,
    archives: noArchives,
    receiver: noReceiver,
    openDemo: () => Promise.resolve(accept({ seriesUid: SERIES_UID, imageId: 'none' })),
    status: () =>
      Promise.resolve({
        version: '0',
        door: 'browser',
        researchUse: '',
        roots: [],
        openFirst: 'library',
        opening: null,
      }),
    doctor: () => Promise.resolve({ checks: [] }),
    devices: () => Promise.resolve({ checks: [] }),
    pageDir,
    uploadDir: join(folder, 'uploads'),
    log: (refusal) => logged.push(refusal),
    close: () => Promise.resolve(),
    ...parts,
  }
}

/** Readings by people in a folder of their own that goes with the test; see `createWorkspaceServices`. */
function onWorkspaceInMemory(): WorkspaceServices {
  return createWorkspaceServices({
    open: () => openWorkspace(mkdtempSync(join(tmpdir(), 'margin-workspace-')), { clock: () => Date.now() }),
    location: 'test',
    accounts: false,
    library: libraryInMemory(),
    readings: { importAnnotations: noReadings, of: () => null },
    version: '0',
    writeWorkerPath: null,
    nowMs: () => performance.now(),
  })
}

async function* nothingFollowed(): AsyncGenerator<LesionLine, readonly never[]> {
  yield await Promise.resolve(refusedLesion)
  return []
}
const refusedLesion: LesionLine = {
  kind: 'refused',
  refusal: { code: 'model-missing', reason: 'No model is installed.' },
}

const noReadings = (): Promise<Result<never>> =>
  Promise.resolve(refuse('not-found', 'No annotation lies here.'))

export const SERIES_UID = 'margin.test.1'

/** A request that the series in memory can be asked. */
export const runInMemory = {
  target: { kind: 'series', seriesUid: SERIES_UID, sliceIndex: 1, column: 1, row: 1, structureId: null },
  ...{ modelId: null, samples: 1, seed: 1 },
}

const { summary } = madeUpSeries({
  seriesUid: SERIES_UID,
  studyUid: 'margin.test',
  patientId: '',
  description: 'Größe – 胸部',
  slices: 3,
})

const description: PixelDescription = {
  widthPx: 2,
  heightPx: 2,
  type: 'int16',
  slope: 1,
  intercept: -1024,
  unit: 'HU',
  minStored: 0,
  maxStored: 3,
  paddingStored: null,
  warnings: [{ code: 'test', text: 'Größe – 胸部' }],
}

export const emptyScan: ScanResult = {
  series: [summary],
  images: [],
  annotations: [],
  refused: [],
  filesRead: 3,
  scannedAt: '2026-01-01T00:00:00.000Z',
  roots: [],
}

export function libraryInMemory(parts: Partial<LibraryService> = {}): LibraryService {
  const roots: string[] = []
  return {
    addRoot: (path) => {
      roots.push(path)
      return Promise.resolve(accept(path))
    },
    roots: () => roots,
    isScanned: () => true,
    warm: () => undefined,
    scan: () => Promise.resolve(accept(emptyScan)),
    current: () => emptyScan,
    openedPath: () => null,
    filesOf: () => [],
    annotationFile: () => null,
    seriesDetail: (seriesUid) => refuse('not-found', `No series ${seriesUid} is open.`),
    slicePixels: (seriesUid, sliceIndex) =>
      Promise.resolve(
        seriesUid === SERIES_UID && sliceIndex < 3
          ? accept({ description, bytes: new Uint8Array(new Int16Array([sliceIndex, 1, 2, 3]).buffer) })
          : refuse('not-found', `No slice ${sliceIndex} of ${seriesUid} is open.`),
      ),
    sliceElements: () => Promise.resolve(accept(new Map())),
    sliceTags: (seriesUid) => Promise.resolve(accept({ sopInstanceUid: seriesUid, rows: [], leftOut: 0 })),
    photograph: () => Promise.resolve(refuse('not-found', 'No photograph is open.')),
    thumbnail: () => Promise.resolve(accept(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))),
    annotationBytes: () => Promise.resolve(refuse('not-found', 'No annotation lies here.')),
    close: () => Promise.resolve(),
    ...parts,
  }
}

const refusedRun: RunLine = {
  kind: 'refused',
  refusal: { code: 'model-missing', reason: 'No model is here.' },
}

const GRID: Grid = { widthPx: 1, heightPx: 1, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 }

export function runsInMemory(parts: Partial<RunService> = {}): RunService {
  return {
    start: () => only(refusedRun),
    fields: (_runId, first, count) => accept(Uint8Array.of(first, count)),
    latent: {
      directions: () => Promise.resolve(accept({ grid: GRID, areaPx: 1, directions: [] })),
      outlineAt: () => Promise.resolve(accept({ grid: GRID, field: 'AQ==', areaPx: 1 })),
    },
    device: () => null,
    close: () => Promise.resolve(),
    ...parts,
  }
}

async function* only(line: RunLine): AsyncGenerator<RunLine> {
  yield await Promise.resolve(line)
}

/** A line that a run may give any number of times. */
export const samplesLine: RunLine = { kind: 'samples', firstIndex: 0, count: 1, masks: 'gA==', elapsedMs: 1 }
