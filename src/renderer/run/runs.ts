import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import {
  LesionLine,
  type LesionRequest,
  type PixelSpacing,
  type Refusal,
  type Result,
  RunLine,
  type RunRequest,
} from '../../contract'
import type { SliceReading } from '../../core/measures/readers-on-grid'
import { startOverlayClient } from '../viewer/worker/overlay-client'
import type { OverlayClient, RunOverlay } from '../viewer/worker/overlay-types'
import { postLines } from '../wire/http'
import { useProblems } from '../wire/problems'
import { reportWith } from './later-readers'
import { sharpen } from './run-fields'
import {
  afterLine,
  afterRefusal,
  asNewest,
  keepNewest,
  newRun,
  runKey,
  type RunSnapshot,
} from './run-snapshot'

/** Finished runs kept for going back to a slice; outlines of a photograph take some 30 MB, those of a crop under 2. */
const MOST = { ofSeries: 64, ofPhotographs: 4 } as const

/** What is told of a lesion that was followed no further because it was stopped. */
const STOPPED: LesionLine = { kind: 'refused', refusal: { code: 'cancelled', reason: 'It was stopped.' } }
const NO_RESULT: Refusal = { code: 'inference-failed', reason: 'The run ended without a result.' }

/** Runs by what was asked for. One runs at a time; finished ones are used again. */
export const useRuns = defineStore('runs', () => {
  const runs = shallowRef<ReadonlyMap<string, RunSnapshot>>(new Map())
  /** Runs that stay beside the newest: a lesion that is followed over many slices never pushes out what it began with. */
  const held = shallowRef<ReadonlySet<string>>(new Set())
  const running = computed(() => [...runs.value.values()].find((run) => run.phase === 'running') ?? null)
  const find = (key: string): RunSnapshot | null => runs.value.get(key) ?? null
  let control = new AbortController()
  let last: Promise<void> = Promise.resolve()

  function put(run: RunSnapshot): void {
    runs.value = keepNewest(new Map(runs.value).set(run.key, run), held.value, MOST)
  }

  const overlays = overlaysFor((key, overlay) => {
    const run = find(key)
    // What an earlier, stopped attempt had drawn is not taken back while the new one catches up.
    if (run !== null && overlay.sampleCount >= (run.overlay?.sampleCount ?? 0)) put({ ...run, overlay })
  })

  const finish = finishing(find, put, overlays)

  /** Gives a line to the overlay worker and the snapshot. */
  function take(key: string, line: RunLine): void {
    const run = find(key)
    if (run?.phase !== 'running') return
    if (line.kind === 'started') overlays.begin(key, line)
    if (line.kind === 'samples') overlays.client().addMasks(line)
    put(afterLine(run, line))
  }

  /** Stops the run that is on its way and keeps what it had drawn. */
  function stop(): void {
    control.abort()
    if (running.value !== null) put({ ...running.value, phase: 'stopped' })
  }

  const ways: RunWays = {
    begin: () => {
      stop()
      return (control = new AbortController()).signal
    },
    find,
    show: (run) => {
      runs.value = asNewest(runs.value, run)
    },
    take,
    finish,
  }
  const draw = drawing(ways)
  const follow = following(ways)

  /** Draws samples, unless this very run is finished or on its way. Another run that is on its way is stopped. */
  function start(request: RunRequest): Promise<void> {
    const before = find(runKey(request))
    // The view shows the newest run of its target: one that is asked for again becomes the newest.
    if (before?.phase === 'done') runs.value = asNewest(runs.value, before)
    else if (before?.phase !== 'running')
      last = draw(request, (signal) => postLines('runs', request, RunLine, signal))
    return last
  }

  /** Shows a run that was drawn before, from its lines, as if it was drawn now. */
  function show(request: RunRequest, lines: () => AsyncIterable<Result<RunLine>>): void {
    last = draw(request, lines)
  }

  /** Ends when the run that is on its way, and any that took its place, has ended, fine outlines included. */
  const settled = (): Promise<void> => untilSame(() => last)
  return { runs, running, held, find, start, show, follow, compareWith: comparing(find, put), settled, stop }
})

/** After the last line: fine outlines, or the reason in the list of problems. */
function finishing(
  find: (key: string) => RunSnapshot | null,
  put: (run: RunSnapshot) => void,
  overlays: ReturnType<typeof overlaysFor>,
): (key: string, signal: AbortSignal) => Promise<void> {
  const problems = useProblems()
  return async (key, signal) => {
    const run = find(key)
    if (run?.phase === 'running' && !signal.aborted) put(afterRefusal(run, NO_RESULT))
    const ended = find(key)
    if (ended?.refusal != null)
      problems.addRefusal(`run/${key}`, 'The samples could not be drawn', ended.refusal)
    if (ended?.phase !== 'done' || ended.record === null || ended.grid === null) return
    await sharpen(overlays.client(), ended.record.runId, ended.grid, ended.masks.length, signal)
    await overlays.client().settled()
  }
}

/** What drawing and following need of the store. */
interface RunWays {
  /** Stops what is on its way. */
  readonly begin: () => AbortSignal
  readonly find: (key: string) => RunSnapshot | null
  readonly show: (run: RunSnapshot) => void
  readonly take: (key: string, line: RunLine) => void
  readonly finish: (key: string, signal: AbortSignal) => Promise<void>
}

/** Draws a run from its lines, from the first to the last. */
const drawing = ({ begin, find, show, take, finish }: RunWays) => {
  const problems = useProblems()
  return async (
    request: RunRequest,
    lines: (signal: AbortSignal) => AsyncIterable<Result<RunLine>>,
  ): Promise<void> => {
    const key = runKey(request)
    const before = find(key)
    const signal = begin()
    problems.settle(`run/${key}`)
    show(newRun(request, before))
    for await (const line of lines(signal)) {
      if (signal.aborted) return
      take(key, line.ok ? line.value : { kind: 'refused', refusal: line.refusal })
    }
    await finish(key, signal)
  }
}

/**
 * Follows a lesion slice by slice: each slice's run stands among the others, and the one that was clicked stays as it
 * is. `tell` hears of every line; the last one is `done` or `refused`. Nobody waits for it: what is drawn meanwhile
 * stops it.
 */
const following = ({ begin, find, show, take, finish }: RunWays) => {
  async function takeOfSlice(request: RunRequest, line: RunLine, signal: AbortSignal): Promise<void> {
    const key = runKey(request)
    const before = find(key)
    if (line.kind === 'started' && before?.phase !== 'done') show(newRun(request, before))
    const isTaken = find(key)?.phase === 'running'
    take(key, line)
    if (isTaken && line.kind === 'done') await finish(key, signal)
  }
  return async (request: LesionRequest, tell: (line: LesionLine) => void): Promise<void> => {
    const signal = begin()
    for await (const answer of postLines('runs/lesion', request, LesionLine, signal)) {
      if (signal.aborted) break
      const line: LesionLine = answer.ok ? answer.value : { kind: 'refused', refusal: answer.refusal }
      tell(line)
      if (line.kind === 'slice') await takeOfSlice({ ...request, target: line.target }, line.line, signal)
      if (line.kind === 'done' || line.kind === 'refused') return
    }
    tell(signal.aborted ? STOPPED : { kind: 'refused', refusal: NO_RESULT })
  }
}

/** Compares a finished run with readings that were brought in after it. */
const comparing =
  (find: (key: string) => RunSnapshot | null, put: (run: RunSnapshot) => void) =>
  async (key: string, readers: readonly SliceReading[], spacingMm: PixelSpacing | null): Promise<void> => {
    const run = find(key)
    const report = run === null ? null : await reportWith(run, readers, spacingMm)
    const now = find(key)
    if (report !== null && now?.phase === 'done') put({ ...now, report, warnings: report.warnings })
  }

async function untilSame(latest: () => Promise<void>): Promise<void> {
  for (let waited: Promise<void> | null = null; waited !== latest();) await (waited = latest())
}

/** The worker that draws the overlays of runs, one after another; started when the first run begins. */
function overlaysFor(show: (key: string, overlay: RunOverlay) => void): {
  readonly client: () => OverlayClient
  readonly begin: (key: string, line: Extract<RunLine, { kind: 'started' }>) => void
} {
  let client: OverlayClient | null = null
  let shownKey = ''
  const started = (): OverlayClient =>
    (client ??= startOverlayClient((overlay) => {
      show(shownKey, overlay)
    }))
  return {
    client: started,
    begin: (key, { grid, fieldOfView }) => {
      // Only now: overlays that are still on their way belong to the run before.
      shownKey = key
      started().begin(grid, fieldOfView)
    },
  }
}
