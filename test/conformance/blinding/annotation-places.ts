import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accept, refuse } from '../../../src/contract'
import type {
  DocumentEdit,
  ReadingSet,
  Rater,
  RunLine,
  ScanResult,
  SeriesDetail,
  Subject,
} from '../../../src/contract'
import { makePatch } from '../../../src/core/contour/mask-patch'
import { encodeBoxMask } from '../../../src/core/contour/box-mask'
import { wholeBox } from '../../../src/core/contour/slice-mask'
import { idOfSubject } from '../../../src/core/subject/subject'
import { createApp } from '../../../src/main/app/create-app'
import { createWorkspaceServices } from '../../../src/main/compose/create-workspace-services'
import type { LibraryService } from '../../../src/main/library/library-service'
import { recentFolder } from '../../../src/main/workspace/recent-folder'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { hashPassword } from '../../../src/main/accounts/password'
import { emptyScan, libraryInMemory, runsInMemory, servicesInMemory } from '../services-in-memory'

/** Two series of three slices with a reading from a file beside the first, and a server with accounts over them. */

export const SERIES = '1.2.840.1'
export const OTHER_SERIES = '1.2.840.2'
const SIDE_PX = 32
export const PASSWORD = 'a long password'

type App = ReturnType<typeof createApp>

const detailOf = (seriesUid: string, sidePx = SIDE_PX, count = 3): SeriesDetail => ({
  summary: {
    ...{ seriesUid, studyUid: '1.2.840', patientId: seriesUid, modality: 'CT', description: '' },
    ...{ seriesNumber: 1, studyDate: '', bodyPart: '', slices: count, rows: sidePx, columns: sidePx },
    spacingMm: { row: 0.7, column: 0.7, slice: 2.5 },
    warnings: [],
  },
  slices: Array.from({ length: count }, (_unused, index) => ({
    ...{ index, sopInstanceUid: `${seriesUid}.${index}`, instanceNumber: index + 1, frame: 0 },
    ...{ positionMm: [0, 0, 2.5 * index], alongNormalMm: 2.5 * index },
    rescale: { slope: 1, intercept: -1024, unit: 'HU' },
  })),
  orientation: { row: [1, 0, 0], column: [0, 1, 0] },
  ...{ photometric: 'MONOCHROME2', windows: [], kernel: '', kilovoltagePeak: '', seriesDate: '' },
  ...{ sliceThicknessMm: 2.5, lossy: false },
})

const scan: ScanResult = {
  ...emptyScan,
  series: [SERIES, OTHER_SERIES].map((seriesUid) => detailOf(seriesUid).summary),
  annotations: [
    {
      ...{ annotationId: 'xml', path: '/a/readings.xml', kind: 'lidc-xml' as const, seriesUid: SERIES },
      ...{ imageId: null, note: '4 readers, 1 nodule' },
    },
  ],
}

const square = (column: number, row: number, side: number): Uint8Array => {
  const pixels = new Uint8Array(SIDE_PX * SIDE_PX)
  for (let y = row; y < row + side; y += 1) pixels.fill(1, y * SIDE_PX + column, y * SIDE_PX + column + side)
  return pixels
}

export const importedSet: ReadingSet = {
  ...{ seriesUid: SERIES, imageId: null, source: 'readings.xml', warnings: [] },
  structures: [
    {
      ...{ structureId: 'n', label: 'Nodule 1', firstSlice: 1, lastSlice: 1 },
      centre: { column: 14, row: 14, sliceIndex: 1 },
      readings: ['A'].map((letter) => ({
        ...{ readingId: letter, letter, label: `Reader ${letter}`, voxels: 64, empty: false },
        slices: [
          {
            sliceIndex: 1,
            mask: encodeBoxMask({ widthPx: SIDE_PX, heightPx: SIDE_PX, pixels: square(10, 10, 8) }, 0, 0),
          },
        ],
      })),
    },
  ],
}

/** A gesture that draws a square on one slice, as the page sends it. */
export const drawing = (
  column: number,
  row: number,
  side: number,
  sliceIndex = 1,
  label = 'Nodule',
): DocumentEdit => {
  const size = { widthPx: SIDE_PX, heightPx: SIDE_PX }
  const before = { ...size, pixels: new Uint8Array(SIDE_PX * SIDE_PX) }
  const after = { ...size, pixels: square(column, row, side) }
  const answer = { verdict: null, reason: '', confidence: null, comment: '' } as const
  return {
    kind: 'several',
    title: 'Brush',
    edits: [
      { kind: 'add-structure', title: 'New nodule', structureId: 's', label, position: 0 },
      {
        ...{ kind: 'paint', title: 'Brush', structureId: 's', tool: 'brush', origin: null },
        slices: [{ sliceIndex, patch: makePatch(before, after, wholeBox(before)) }],
      },
      { kind: 'answer', title: 'Answer: outlined', from: answer, to: { ...answer, verdict: 'outlined' } },
    ],
  }
}

/** A browser of one rater: the requests it sends carry its cookie. */
export interface Browser {
  readonly rater: Rater
  readonly cookie: string
  readonly get: (path: string) => Promise<Answer>
  readonly post: (path: string, body: unknown) => Promise<Answer>
}
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  /** Of a refusal. */
  readonly code: string | null
  readonly text: string
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  let body: Record<string, unknown> = {}
  try {
    body = (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    // JSON lines or bytes: the text is looked at.
  }
  const refusal = body['refusal'] as { code?: string } | undefined
  return { status: response.status, body, code: refusal?.code ?? null, text }
}

const json = (body: unknown, cookie: string): RequestInit => ({
  method: 'POST',
  // A text is a body that was made before.
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { cookie, 'content-type': 'application/json' },
})

export interface Place {
  readonly app: App
  /** How often a model was asked to draw. */
  readonly runsStarted: () => number
  readonly signIn: (name: string, password?: string) => Promise<Browser>
  readonly asNobody: Browser
  /** The workspace. */
  readonly folder: string
  /** Another server on the same workspace, as after a restart. */
  readonly reopen: () => Promise<Place>
}

/** The two series, open; of slices of this size, so many of them. */
export function libraryOfPlace(sidePx = SIDE_PX, count = 3): LibraryService {
  const details = [SERIES, OTHER_SERIES].map((uid) => detailOf(uid, sidePx, count))
  return libraryInMemory({
    current: () => scan,
    seriesDetail: (uid) => {
      const detail = details.find(({ summary }) => summary.seriesUid === uid)
      return detail === undefined ? refuse('not-found', `No series ${uid} is open.`) : accept(detail)
    },
  })
}

/** The first line of a run, by which it is known; then it breaks off. */
export async function* drawnRun(runId: string): AsyncGenerator<RunLine> {
  const model = { model: 'none', modelVersion: '1.0.0', modelSha256: '0'.repeat(64) }
  const device = { used: 'cpu' as const, threads: 1, notUsed: [] }
  const run = {
    runId,
    ...model,
    device,
    uncertainty: 'samples' as const,
    samples: 1,
    seed: 1,
    draws: 'even' as const,
  }
  const grid = { widthPx: 8, heightPx: 8, originColumn: 10, originRow: 10, columnStep: 1, rowStep: 1 }
  const started = { run: { ...run, version: '0', command: '' }, grid, fieldOfView: null, warnings: [] }
  yield await Promise.resolve({ kind: 'started' as const, ...started })
  yield { kind: 'refused', refusal: { code: 'inference-failed', reason: 'No model is here.' } }
}

/** A server with accounts: the owner "Owner" and the readers "A" and "B". */
export async function openPlace(threads: Threads | null = null, library = libraryOfPlace()): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'margin-workspace-'))
  const store = await openAt(folder, null)
  if (!store.ok) throw new Error(store.refusal.reason)
  const passwordHash = await hashPassword(PASSWORD)
  for (const [name, role] of [
    ['Owner', 'owner'],
    ['A', 'reader'],
    ['B', 'reader'],
  ] as const)
    await store.value.addRater({ name, role, passwordHash }, null)
  await store.value.close()
  return placeAt(folder, threads, library)
}

const openAt = (folder: string, threads: Threads | null) =>
  openWorkspace(folder, {
    clock: () => Date.now(),
    ...(threads === null ? {} : { workerPath: threads.storeWorkerPath }),
  })

/** Built threads, where a test looks at what is done away from the thread that serves. */
export interface Threads {
  readonly readingsWorkerPath: string
  readonly writeWorkerPath: string
  readonly storeWorkerPath: string
}

function placeAt(folder: string, threads: Threads | null, library: LibraryService): Place {
  const readings = {
    importAnnotations: () => Promise.resolve(accept(importedSet)),
    of: (subject: Subject) => (idOfSubject(subject) === SERIES ? importedSet : null),
  }
  let started = 0
  const runs = runsInMemory({
    start: () => {
      started += 1
      return drawnRun(`run-${started}`)
    },
  })
  const open = () => openAt(folder, threads)
  const onWorkspace = createWorkspaceServices({
    ...{ open, location: 'test', accounts: true, library, readings, version: '0' },
    writeWorkerPath: threads?.writeWorkerPath ?? null,
    readingsWorkerPath: threads?.readingsWorkerPath ?? null,
    nowMs: () => performance.now(),
    recentFolder: recentFolder(folder, folder),
  })
  const app = createApp(servicesInMemory({ library, readings, runs, ...onWorkspace }))
  const browser = (cookie: string, rater: Rater): Browser => ({
    rater,
    cookie,
    get: async (path) => answerOf(await app.request(path, { headers: { cookie } })),
    post: async (path, body) => answerOf(await app.request(path, json(body, cookie))),
  })
  const nobody: Rater = { raterId: '', name: '', pseudonym: '', role: 'reader', retired: false }
  return {
    app,
    runsStarted: () => started,
    asNobody: browser('', nobody),
    folder,
    reopen: async () => {
      await onWorkspace.closeWorkspace()
      return placeAt(folder, threads, library)
    },
    signIn: async (name, password = PASSWORD) => {
      const answer = await app.request('/api/session', json({ name, password }, ''))
      const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
      const { rater } = (await answer.json()) as { rater: Rater }
      return browser(cookie, rater)
    },
  }
}

/** A rater whom the owner just added with `PASSWORD`, under another one: the first sign-in lets in to choose it alone. */
export async function signInFirst(place: Place, name: string): Promise<Browser> {
  const once = await place.signIn(name)
  const next = 'a password of my own'
  const chosen = await once.post('/api/session/password', { current: PASSWORD, next })
  if (chosen.status !== 200) throw new Error(chosen.text)
  return place.signIn(name, next)
}

export const subjectOf = (seriesUid: string): { kind: 'series'; seriesUid: string } => ({
  kind: 'series',
  seriesUid,
})

/** Draws and commits in a panel; the attempt's id. */
export async function readCase(
  rater: Browser,
  panelId: string | null,
  edit: DocumentEdit,
  seriesUid = SERIES,
): Promise<string> {
  const attemptId = await openCase(rater, panelId, seriesUid)
  const entry = { entryId: randomUUID(), expectedRevision: 0, edit, undoes: null }
  const drawn = await rater.post(`/api/attempts/${attemptId}/entries`, entry)
  const commitment = { expectedRevision: 1, readingMs: 1000, slicesSeen: 3 }
  const committed = await rater.post(`/api/attempts/${attemptId}/commit`, commitment)
  if (drawn.status !== 200 || committed.status !== 200) throw new Error(drawn.text + committed.text)
  return attemptId
}

export async function openCase(rater: Browser, panelId: string | null, seriesUid = SERIES): Promise<string> {
  const opened = await rater.post('/api/attempts', {
    ...{ subject: subjectOf(seriesUid), blind: panelId === null, panelId },
  })
  const attempt = opened.body['attempt'] as { attemptId?: string } | undefined
  if (attempt?.attemptId === undefined) throw new Error(opened.text)
  return attempt.attemptId
}

/** A panel that tells its readers nothing. */
export const NO_WORDS = { instructions: '', target: '', labels: [] }

export async function makePanel(
  owner: Browser,
  readers: readonly Browser[],
  protocol: {
    readonly reveal?: 'own-commit' | 'all-committed'
    readonly repeatShare?: number
    readonly seed?: number
    readonly startFromModel?: boolean
  } = {},
  series: readonly string[] = [SERIES],
): Promise<string> {
  const made = await owner.post('/api/panels', {
    name: 'Panel',
    words: NO_WORDS,
    protocol: {
      ...{ blind: true, reveal: 'own-commit', startFromModel: false, repeatShare: 0, seed: 7, ...protocol },
    },
    subjects: series.map(subjectOf),
    raterIds: readers.map(({ rater }) => rater.raterId),
  })
  const { panelId } = made.body as { panelId?: string }
  if (panelId === undefined) throw new Error(made.text)
  return panelId
}
