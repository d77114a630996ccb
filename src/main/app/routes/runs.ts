import { Hono } from 'hono'
import type { Context } from 'hono'
import { z } from 'zod'
import {
  accept,
  GrowthRequest,
  LatentPlaceRequest,
  LatentRequest,
  LesionRequest,
  refuse,
  MAX_SAMPLES,
  RunExportRequest,
  RunRequest,
} from '../../../contract'
import type { KeptRunList, LesionLine, Refusal, Result, RunLine, Subject } from '../../../contract'
import { refuseBlack } from '../../../core/image/almost-black'
import { subjectOfTarget } from '../../../core/subject/subject'
import type { Services } from '../services'
import { answerBytes, answerJson, answerRefusal, answerZip, parse, parseBody } from '../answer'
import { isGivable, isStillGiven, isWithheld } from '../asking'
import { handOutRun, releaseModel, releaseRun } from '../handed-out'
import { answerLines } from '../json-lines'
import { refusedLine } from '../refused-line'
import { SubjectQuery } from '../subject-query'
import { growthOf } from '../growth-given'

const count = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
const FieldsRequest = z.object({
  runId: z.string().min(1).max(128),
  first: count.pipe(z.number().max(MAX_SAMPLES - 1)),
  count: count.pipe(z.number().min(1).max(MAX_SAMPLES)),
})

/** Streams of runs that one person, and all together, have open: each holds its picture and its samples. */
const MOST_STREAMS_OF_ONE = 8
const MOST_STREAMS = 64

/** Runs remembered for the question whose subject they show. Older ones are let go with their fields. */
const REMEMBERED_RUNS = 4096

const unknownRun: Refusal = {
  code: 'not-found',
  reason: 'The outlines of this run are no longer held.',
  next: 'Run it again with the same seed; the samples will be the same.',
}

/** Runs of a model. Closing the stream of a run cancels it. A blind reader is given none of its subject. */
export function runRoutes(services: Services): Hono {
  const { runs } = services
  const { answerRun, subjectOf } = runAnswers(services)
  const routes = new Hono()
  routes
    .get('/kept', async (c) => {
      const subject = parse(SubjectQuery, c.req.query())
      if (!subject.ok) return answerRefusal(c, subject.refusal)
      return answerJson(c, await keptRunsOf(c, services, subject.value))
    })
    .post('/', async (c) => {
      const request = await parseBody(c, RunRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const unshown = refusedUnshown(services, request.value)
      if (!unshown.ok) return answerRefusedRun(c, services, request.value, unshown.refusal)
      const start = (signal: AbortSignal): AsyncIterable<RunLine> =>
        keptFor(c, services).run(request.value, signal)
      return answerRun(c, request.value, start, (line) => line)
    })
    .post('/lesion', async (c) => {
      const request = await parseBody(c, LesionRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const follow = (signal: AbortSignal): AsyncIterable<LesionLine> =>
        keptFor(c, services).follow(request.value, signal)
      return answerRun(c, request.value, follow, (line) => (line.kind === 'slice' ? line.line : null))
    })
    .post('/growth', async (c) => {
      const request = await parseBody(c, GrowthRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerJson(c, await growthOf(c, services, request.value))
    })
    .post('/export', async (c) => {
      const request = await parseBody(c, RunExportRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerZip(c, await handOutRun(c, services, request.value))
    })
    .post('/latent', async (c) =>
      answerLatent(c, services, await parseBody(c, LatentRequest), runs.latent.directions),
    )
    .post('/latent/outline', async (c) =>
      answerLatent(c, services, await parseBody(c, LatentPlaceRequest), runs.latent.outlineAt),
    )
    .get('/:runId/fields', async (c) => {
      const request = parse(FieldsRequest, { ...c.req.param(), ...c.req.query() })
      if (!request.ok) return answerRefusal(c, request.refusal)
      const { runId, first, count: sampleCount } = request.value
      const subject = subjectOf(runId)
      // Withheld is answered like unknown, after the same question: that somebody ran the model on an image is told
      // neither by the answer nor by how long it takes.
      const asked = subject ?? anySubject(services)
      const withheld = asked === null ? accept(null) : await isWithheld(c, services, asked)
      // A run whose subject is not known cannot be said to be nobody's blind reading.
      if (subject === undefined || (!withheld.ok && withheld.refusal.code === 'blind'))
        return answerRefusal(c, unknownRun)
      const released = await releaseRun(c, services, subject)
      if (!released.ok) return answerRefusal(c, released.refusal)
      const fields = runs.fields(runId, first, sampleCount)
      if (!fields.ok) return answerRefusal(c, fields.refusal)
      return answerBytes(c, fields.value, 'application/octet-stream', {})
    })
  return routes
}

/** Draws for who asks, from what was drawn for them before where that is the same; for nobody known nothing is kept. */
function keptFor(c: Context, { keptRuns, runs, lesions }: Services): Drawing {
  const { rater } = c.var
  return keptRuns === null || rater === null
    ? { run: runs.start, follow: lesions.follow }
    : {
        run: (request, signal) => keptRuns.run(rater, request, signal),
        follow: (request, signal) => keptRuns.follow(rater, request, signal),
      }
}

interface Drawing {
  readonly run: (request: RunRequest, signal: AbortSignal) => AsyncIterable<RunLine>
  readonly follow: (request: LesionRequest, signal: AbortSignal) => AsyncIterable<LesionLine>
}

/** What was drawn for who asks. It shows the model as samples do: refused while it is withheld, and noted where there is any. */
async function keptRunsOf(c: Context, services: Services, subject: Subject): Promise<Result<KeptRunList>> {
  const { rater } = c.var
  const withheld = await isWithheld(c, services, subject)
  if (!withheld.ok) return withheld
  if (services.keptRuns === null || rater === null) return accept({ runs: [] })
  const kept = await services.keptRuns.list(rater, subject)
  if (!kept.ok || kept.value.runs.length === 0) return kept
  const released = await releaseModel(c, services, subject, 'sizes of what was drawn before')
  return released.ok ? kept : released
}

/** A run that is refused for what its picture is shows nothing of a model: it ends no blind reading. */
function refusedUnshown({ library }: Services, { target, evenBlack }: RunRequest): Result<null> {
  const subject = subjectOfTarget(target)
  if (subject.kind !== 'image') return accept(null)
  const image = library.current().images.find(({ imageId }) => imageId === subject.imageId)
  return refuseBlack(image?.warnings ?? [], evenBlack)
}

/** As the stream of a run that is refused; who is blind is told that first. */
async function answerRefusedRun(
  c: Context,
  services: Services,
  { target }: RunRequest,
  refusal: Refusal,
): Promise<Response> {
  const withheld = await isWithheld(c, services, subjectOfTarget(target))
  if (!withheld.ok) return answerRefusal(c, withheld.refusal)
  return answerLines(c, () => oneLine({ kind: 'refused', refusal }), refusedLine(services))
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is known already
async function* oneLine(line: RunLine): AsyncGenerator<RunLine> {
  yield line
}

/** What stands at places of the latent shows the model as samples do, and is withheld like them. */
async function answerLatent<Request extends LatentRequest, Answer>(
  c: Context,
  services: Services,
  request: Result<Request>,
  answer: (request: Request) => Promise<Result<Answer>>,
): Promise<Response> {
  if (!request.ok) return answerRefusal(c, request.refusal)
  const subject = subjectOfTarget(request.value.target)
  const released = await releaseRun(c, services, subject)
  if (!released.ok) return answerRefusal(c, released.refusal)
  const answered = await answer(request.value)
  // A blind reading may have begun while it was drawn.
  const still = await isWithheld(c, services, subject)
  return answerJson(c, still.ok ? answered : still)
}

/** Something that is open, to ask about where nothing is known; null where nothing is open. */
function anySubject({ library }: Services): Subject | null {
  const { series, images } = library.current()
  const [first] = series
  if (first !== undefined) return { kind: 'series', seriesUid: first.seriesUid }
  return images[0] === undefined ? null : { kind: 'image', imageId: images[0].imageId }
}

interface RunAnswers {
  /** Streams the lines of a run, as long as its subject is not withheld from who asks. */
  readonly answerRun: <Line extends RunLine | LesionLine>(
    c: Context,
    request: AskedRun,
    start: (signal: AbortSignal) => AsyncIterable<Line>,
    runLineOf: (line: Line) => RunLine | null,
  ) => Promise<Response>
  /** Whom a run showed, for later questions about it. */
  readonly subjectOf: (runId: string) => Subject | undefined
}

function runAnswers(services: Services): RunAnswers {
  const subjects = new Map<string, Subject>()
  const streams = createStreams()
  const remember = async (subject: Subject, line: RunLine): Promise<void> => {
    if (line.kind === 'done') await services.worklist.noteRun(subject, line.report)
    if (line.kind !== 'started') return
    const [oldest] = subjects.keys()
    if (subjects.size >= REMEMBERED_RUNS && oldest !== undefined) subjects.delete(oldest)
    subjects.set(line.run.runId, subject)
  }
  return {
    subjectOf: (runId) => subjects.get(runId),
    answerRun: async (c, request, start, runLineOf) => {
      const subject = subjectOfTarget(request.target)
      const givable = await isGivable(c, services, subject)
      if (!givable.ok) return answerRefusal(c, givable.refusal)
      const place = streams.open(c.var.rater?.raterId ?? '')
      if (!place.ok) return answerRefusal(c, place.refusal)
      const remembered = async function* (signal: AbortSignal): AsyncGenerator<RunLine | LesionLine> {
        for await (const line of start(signal)) {
          const run = runLineOf(line)
          if (run !== null) await remember(subject, run)
          yield line
        }
      }
      const shows = (line: RunLine | LesionLine): boolean => {
        const run = line.kind === 'slice' ? line.line : line
        return run.kind !== 'started' && run.kind !== 'refused'
      }
      const noted = (signal: AbortSignal): Lines =>
        notedFirst(remembered(signal), shows, () => releaseRun(c, services, subject, drawnFrom(request)))
      const lines = (signal: AbortSignal): Lines =>
        place.value(
          signal,
          whileGiven(noted(signal), () => isStillGiven(c, services, subject)),
        )
      return answerLines(c, lines, refusedLine(services))
    },
  }
}

type Lines = AsyncIterable<RunLine | LesionLine>
type Placed = (signal: AbortSignal, lines: Lines) => Lines

/** Counts streams that are open; one that nobody reads stays open until its browser goes. */
function createStreams(): { readonly open: (who: string) => Result<Placed> } {
  const openOf = new Map<string, number>()
  const all = (): number => [...openOf.values()].reduce((sum, one) => sum + one, 0)
  return {
    open: (who) => {
      const own = openOf.get(who) ?? 0
      if (own >= MOST_STREAMS_OF_ONE || all() >= MOST_STREAMS)
        return refuse('limit-reached', 'Too many runs are open at once.', {
          next: 'Let one of them end, or cancel it, then run again.',
        })
      openOf.set(who, own + 1)
      let isOpen = true
      const close = (): void => {
        const left = (openOf.get(who) ?? 1) - 1
        if (isOpen && left > 0) openOf.set(who, left)
        else if (isOpen) openOf.delete(who)
        isOpen = false
      }
      return accept((signal, lines) => {
        signal.addEventListener('abort', close, { once: true })
        return closing(lines, close)
      })
    },
  }
}

async function* closing(lines: Lines, close: () => void): AsyncGenerator<RunLine | LesionLine> {
  try {
    yield* lines
  } finally {
    close()
  }
}

/** What makes a run again on its subject. */
type AskedRun = Pick<RunRequest, 'target' | 'modelId' | 'samples' | 'seed'>

/** In the log of what a reader was shown. */
const drawnFrom = ({ modelId, samples, seed }: AskedRun): string =>
  `${samples} samples of ${modelId ?? 'the model in use'}, seed ${seed}`

/**
 * Notes what is shown before the first line that shows anything of the model leaves. A run that is refused, or cancelled
 * before that line, showed nothing, and ends no blind reading.
 */
async function* notedFirst(
  lines: Lines,
  shows: (line: RunLine | LesionLine) => boolean,
  note: () => Promise<Result<null>>,
): AsyncGenerator<RunLine | LesionLine> {
  let isNoted = false
  for await (const line of lines) {
    if (!isNoted && shows(line)) {
      const noted = await note()
      if (!noted.ok) {
        yield { kind: 'refused', refusal: noted.refusal }
        return
      }
      isNoted = true
    }
    yield line
  }
}

/** Asks again before each line: since the stream was opened a blind reading may have begun, or who asked have signed out. */
async function* whileGiven(
  lines: Lines,
  given: () => Promise<Result<null>>,
): AsyncGenerator<RunLine | LesionLine> {
  for await (const line of lines) {
    const allowed = await given()
    if (!allowed.ok) {
      yield { kind: 'refused', refusal: allowed.refusal }
      return
    }
    yield line
  }
}
