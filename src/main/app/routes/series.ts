import { Hono } from 'hono'
import type { Context } from 'hono'
import { z } from 'zod'
import { accept, Uid } from '../../../contract'
import type { Result } from '../../../contract'
import { placeNow } from '../../../core/subject/slice-places'
import { seriesSubject } from '../../../core/subject/subject'
import type { Services } from '../services'
import { answerBytes, answerJson, answerPixels, answerPng, answerRefusal, parse } from '../answer'

const SeriesParams = z.object({ uid: Uid })
const wholeNumber = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
const SliceRequest = z.object({
  uid: Uid,
  index: wholeNumber,
  sopInstanceUid: Uid.optional(),
  frame: wholeNumber.default(0),
})

/** One series: its description, its slices' pixels, overlay planes and tags, its thumbnail. */
export function seriesRoutes({ library }: Services): Hono {
  const routes = new Hono()
  /** The number now of the slice that is asked for: by its instance where that is said, else as it is. */
  const askedSlice = (c: Context): Result<number> => {
    const asked = parse(SliceRequest, { ...c.req.param(), ...c.req.query() })
    if (!asked.ok) return asked
    const { uid, index, sopInstanceUid, frame } = asked.value
    if (sopInstanceUid === undefined) return accept(index)
    const detail = library.seriesDetail(uid)
    if (!detail.ok) return detail
    return placeNow({ sliceIndex: index, instance: { sopInstanceUid, frame } }, detail.value.slices)
  }
  routes
    .get('/:uid', (c) => {
      const params = parse(SeriesParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerJson(c, library.seriesDetail(params.value.uid))
    })
    .get('/:uid/slices/:index', async (c) => {
      const index = askedSlice(c)
      if (!index.ok) return answerRefusal(c, index.refusal)
      return answerPixels(c, await library.slicePixels(c.req.param('uid'), index.value))
    })
    .get('/:uid/slices/:index/graphics', async (c) => {
      const asked = askedSlice(c)
      if (!asked.ok) return answerRefusal(c, asked.refusal)
      const index = asked.value
      const slice = await library.slicePixels(c.req.param('uid'), index)
      if (!slice.ok) return answerRefusal(c, slice.refusal)
      const { graphics } = slice.value
      if (graphics === undefined)
        return answerRefusal(c, {
          code: 'not-found',
          reason: `The slice with index ${index} brings no overlay planes.`,
        })
      return answerBytes(c, graphics, 'application/octet-stream', {})
    })
    .get('/:uid/slices/:index/tags', async (c) => {
      const index = askedSlice(c)
      if (!index.ok) return answerRefusal(c, index.refusal)
      return answerJson(c, await library.sliceTags(c.req.param('uid'), index.value))
    })
    .get('/:uid/thumbnail', async (c) => {
      const params = parse(SeriesParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      return answerPng(c, await library.thumbnail(seriesSubject(params.value.uid)))
    })
  return routes
}
