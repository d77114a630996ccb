import { type Context, Hono } from 'hono'
import { FileName, JobAct, NewJob, SetRequest, VersionAct } from '../../../contract'
import type { PythonLine } from '../../../contract'
import type { Services } from '../services'
import { answerPixels, answerRefusal, parse } from '../answer'
import { askingRater, forRater, forRaterWith, ownerOnly } from '../asking'
import { answerLines, pythonLines } from '../json-lines'
import { refusedLine } from '../refused-line'

const named = (c: Context, name: string): string => c.req.param(name) ?? ''

/** Training, to the owner: sets, jobs with their gate, versions of models. */
export function trainingRoutes(services: Services): Hono {
  const { training, trainerPython } = services
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((_c, rater) => training.state(rater)),
    )
    .post(
      '/sets/check',
      forRaterWith(SetRequest, (rater, request) => training.check(rater, request)),
    )
    .post(
      '/sets',
      forRaterWith(SetRequest, (rater, request) => training.freeze(rater, request)),
    )
    .post(
      '/jobs',
      forRaterWith(NewJob, (rater, request) => training.start(rater, request)),
    )
    .get(
      '/jobs/:jobId',
      forRater((c, rater) => training.job(rater, named(c, 'jobId'))),
    )
    .post(
      '/jobs/:jobId',
      forRaterWith(JobAct, (rater, { act }, c) => training.act(rater, named(c, 'jobId'), act)),
    )
    .post(
      '/versions/:modelId',
      forRaterWith(VersionAct, (rater, request, c) =>
        training.onVersion(rater, named(c, 'modelId'), request),
      ),
    )
    .get('/python', async (c) => {
      const allowed = ownerOnly(c, 'Training')
      return allowed.ok ? c.json(await trainerPython.plan(null)) : answerRefusal(c, allowed.refusal)
    })
    .post('/python', (c) => {
      const allowed = ownerOnly(c, 'Training')
      if (!allowed.ok) return answerRefusal(c, allowed.refusal)
      const lines = (signal: AbortSignal): AsyncIterable<PythonLine> =>
        pythonLines((onProgress) => trainerPython.build(null, onProgress, signal))
      return answerLines(c, lines, refusedLine(services))
    })
    .get('/sets/:setId/cases/:caseId', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const { job, file } = c.req.query()
      const asked = file === undefined ? null : parse(FileName, file)
      if (asked?.ok === false) return answerRefusal(c, asked.refusal)
      const jobFile = job === undefined || asked === null ? null : ([job, asked.value] as const)
      const of = { setId: named(c, 'setId'), caseId: named(c, 'caseId'), jobFile }
      return answerPixels(c, await training.picture(rater.value, of))
    })
  return routes
}
