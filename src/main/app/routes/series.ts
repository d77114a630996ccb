import { Hono } from 'hono'
import { z } from 'zod'
import { Uid } from '../../../contract'
import type { Services } from '../services'
import { answerBytes, answerJson, answerPixels, answerPng, answerRefusal, parse } from '../answer'

const SeriesParams = z.object({ uid: Uid })
const SliceParams = z.object({
  uid: Uid,
  index: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number),
})

/** One series: its description, its slices' pixels and overlay planes, its thumbnail. */
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
    .get('/:uid/slices/:index/graphics', async (c) => {
      const params = parse(SliceParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      const { uid, index } = params.value
      const slice = await library.slicePixels(uid, index)
      if (!slice.ok) return answerRefusal(c, slice.refusal)
      const { graphics } = slice.value
      if (graphics === undefined)
        return answerRefusal(c, {
          code: 'not-found',
          reason: `The slice with index ${index} brings no overlay planes.`,
        })
      return answerBytes(c, graphics, 'application/octet-stream', {})
    })
    .get('/:uid/thumbnail', async (c) => {
      const params = parse(SeriesParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerPng(c, await library.thumbnail('series', params.value.uid))
    })
  return routes
}
