import { Hono } from 'hono'
import type { Context } from 'hono'
import type { z } from 'zod'
import { ArchiveName, FetchRequest, refuse, SendRequest, SeriesQuery, StudyQuery } from '../../../contract'
import type { ArchiveFetchLine, Result, SentObjects } from '../../../contract'
import type { Services } from '../services'
import { answerJson, answerRefusal, parse, parseBody } from '../answer'
import { askingRater, ownerOnly } from '../asking'
import { handOut, subjectOfSending } from '../handed-out'
import { answerLines, fetchLines } from '../json-lines'
import { refusedLine } from '../refused-line'
import { shownLines } from '../shown-listing'

/** What others send here: whether anything listens, what came, and the settings read again. */
function receiverRoutes({ receiver }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/', (c) => {
      const allowed = ownerOnly(c, 'Receiving images')
      return allowed.ok ? c.json(receiver.status()) : answerRefusal(c, allowed.refusal)
    })
    .post('/restart', async (c) => {
      const allowed = ownerOnly(c, 'Receiving images')
      return allowed.ok ? c.json(await receiver.start()) : answerRefusal(c, allowed.refusal)
    })
  return routes
}

/** The archives of the workspace. All of it is for the owner: what is fetched is opened for everybody. */
export function archiveRoutes(services: Services): Hono {
  const { archives, library } = services
  const routes = new Hono()
  const named = (c: Context): Result<string> => {
    const allowed = ownerOnly(c, 'Asking archives')
    return allowed.ok ? parse(ArchiveName, c.req.param('name')) : allowed
  }
  /** A question to the archive of the address: its body, parsed, goes to `ask`. */
  const asking =
    <S extends z.ZodType>(
      schema: S,
      ask: (name: string, asked: z.infer<S>, signal: AbortSignal) => Promise<Result<unknown>>,
    ) =>
    async (c: Context): Promise<Response> => {
      const name = named(c)
      if (!name.ok) return answerRefusal(c, name.refusal)
      const asked = await parseBody(c, schema)
      if (!asked.ok) return answerRefusal(c, asked.refusal)
      return answerJson(c, await ask(name.value, asked.value, c.req.raw.signal))
    }
  routes.route('/receiver', receiverRoutes(services))
  routes
    .get('/', async (c) => {
      const allowed = ownerOnly(c, 'Asking archives')
      return allowed.ok ? c.json(await archives.list()) : answerRefusal(c, allowed.refusal)
    })
    .post('/:name/echo', async (c) => {
      const name = named(c)
      if (!name.ok) return answerRefusal(c, name.refusal)
      return answerJson(c, await archives.echo(name.value, c.req.raw.signal))
    })
    .post('/:name/studies', asking(StudyQuery, archives.findStudies))
    .post(
      '/:name/series',
      asking(SeriesQuery, (name, { studyUid }, signal) => archives.findSeries(name, studyUid, signal)),
    )
    .post('/:name/fetch', async (c) => {
      const name = named(c)
      if (!name.ok) return answerRefusal(c, name.refusal)
      const request = await parseBody(c, FetchRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const lines = (signal: AbortSignal): AsyncIterable<ArchiveFetchLine> =>
        shownLines(
          c,
          services,
          fetchLines(library, (tell) => archives.fetch(name.value, request.value, tell, signal), signal),
        )
      return answerLines(c, lines, refusedLine(services))
    })
    .post('/:name/send', async (c) => {
      const name = named(c)
      if (!name.ok) return answerRefusal(c, name.refusal)
      const asked = await parseBody(c, SendRequest)
      return answerJson(c, asked.ok ? await send(c, services, name.value, asked.value) : asked)
    })
  return routes
}

/** Writes what a download would hold, and stores its DICOM objects. */
async function send(
  c: Context,
  services: Services,
  name: string,
  asked: SendRequest,
): Promise<Result<SentObjects>> {
  const { archives, exchange, library } = services
  const rater = askingRater(c)
  if (!rater.ok) return rater
  const subject = subjectOfSending(asked)
  if (subject.kind === 'image')
    return refuse(
      'annotation-unsupported',
      'A photograph lies nowhere in a patient, so that no object can refer to it.',
      {
        next: 'Save it as a file; archives take what is drawn on series.',
      },
    )
  const detail = library.seriesDetail(subject.seriesUid)
  if (!detail.ok) return detail
  const file = await handOut(c, services, rater.value, asked)
  if (!file.ok) return file
  const noted = await exchange.noteSending(rater.value, subject, name)
  if (!noted.ok) return noted
  const { studyUid, patientId } = detail.value.summary
  const exported = { zip: file.value.bytes, of: { studyUid, patientId } }
  return archives.sendExport(name, exported, c.req.raw.signal)
}
