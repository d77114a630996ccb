import { Hono } from 'hono'
import { z } from 'zod'
import { imageSubject } from '../../../core/subject/subject'
import type { Services } from '../services'
import { answerPixels, answerPng, answerRefusal, parse } from '../answer'

const ImageParams = z.object({ id: z.string().min(1).max(1024) })

/** One photograph: its pixels and its thumbnail. */
export function imageRoutes({ library }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/:id/pixels', async (c) => {
      const params = parse(ImageParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerPixels(c, await library.photograph(params.value.id))
    })
    .get('/:id/thumbnail', async (c) => {
      const params = parse(ImageParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerPng(c, await library.thumbnail(imageSubject(params.value.id)))
    })
  return routes
}
