import { Hono } from 'hono'
import { z } from 'zod'
import { MAX_SAMPLES, RunRequest } from '../../../contract'
import type { Services } from '../../services'
import { answerBytes, answerRefusal, parse, parseBody } from '../answer'
import { answerLines } from '../json-lines'
import { refusedLine } from '../refused-line'

const count = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
const FieldsRequest = z.object({
  runId: z.string().min(1).max(128),
  first: count.pipe(z.number().max(MAX_SAMPLES - 1)),
  count: count.pipe(z.number().min(1).max(MAX_SAMPLES)),
})

/** Runs of a model. Closing the stream of a run cancels it. */
export function runRoutes(services: Services): Hono {
  const { runs } = services
  const routes = new Hono()
  routes
    .post('/', async (c) => {
      const request = await parseBody(c, RunRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerLines(c, (signal) => runs.start(request.value, signal), refusedLine(services))
    })
    .get('/:runId/fields', (c) => {
      const request = parse(FieldsRequest, { ...c.req.param(), ...c.req.query() })
      if (!request.ok) return answerRefusal(c, request.refusal)
      const { runId, first, count: sampleCount } = request.value
      const fields = runs.fields(runId, first, sampleCount)
      if (!fields.ok) return answerRefusal(c, fields.refusal)
      return answerBytes(c, fields.value, 'application/octet-stream', {})
    })
  return routes
}
