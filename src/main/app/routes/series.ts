import { Hono } from 'hono'
import { z } from 'zod'
import { Uid } from '../../../contract'
import type { Services } from '../services'
import { answerJson, answerPixels, answerPng, answerRefusal, parse } from '../answer'

const SeriesParams = z.object({ uid: Uid })
const SliceParams = z.object({
  uid: Uid,
  index: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number),
})

/** One series: its description, its slices' pixels, its thumbnail. */
export function seriesRoutes({ library }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/:uid', (c) => {
      const params = parse(SeriesParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerJson(c, library.seriesDetail(params.value.uid))
    })
    .get('/:uid/slices/:index', async (c) => {
      const params = parse(SliceParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerPixels(c, await library.slicePixels(params.value.uid, params.value.index))
    })
    .get('/:uid/thumbnail', async (c) => {
      const params = parse(SeriesParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerPng(c, await library.thumbnail('series', params.value.uid))
    })
  return routes
}
