import { Hono } from 'hono'
import { z } from 'zod'
import { ImportReadingsRequest, Uid } from '../../../contract'
import type { Services } from '../../services'
import { answerJson, answerRefusal, parse, parseBody } from '../answer'

const ReadingsQuery = z.union([
  z.strictObject({ seriesUid: Uid }),
  z.strictObject({ imageId: z.string().min(1).max(1024) }),
])

/** What human readers drew. `null` where nothing was brought in for the series or photograph. */
export function readingRoutes({ readings }: Services): Hono {
  const routes = new Hono()
  routes
    .post('/', async (c) => {
      const request = await parseBody(c, ImportReadingsRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerJson(c, await readings.importAnnotations(request.value))
    })
    .get('/', (c) => {
      const query = parse(ReadingsQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      const set =
        'seriesUid' in query.value
          ? readings.ofSeries(query.value.seriesUid)
          : readings.ofImage(query.value.imageId)
      return c.json(set)
    })
  return routes
}
