import { Hono } from 'hono'
import { z } from 'zod'
import { CommitAttempt, NewEntry, OpenAttempt, ShownOverlay } from '../../../contract'
import type { Services } from '../services'
import { answerJson, answerRefusal, parse, parseBody } from '../answer'
import { askingRater } from '../asking'
import { SubjectQuery, subjectOf } from '../subject-query'

/** A gesture may carry the pixels of many slices: masks as run lengths. */
const MAX_ENTRY_BYTES = 16_000_000

const EntriesQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
})

/** Attempts of the rater who asks, and of nobody else. */
export function attemptRoutes({ attempts }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const query = parse(SubjectQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      return answerJson(c, await attempts.own(rater.value, subjectOf(query.value)))
    })
    .post('/', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, OpenAttempt)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerJson(c, await attempts.open(rater.value, request.value))
    })
    .get('/:attemptId', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await attempts.detail(rater.value, c.req.param('attemptId')))
    })
    .get('/:attemptId/entries', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const query = parse(EntriesQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      const { after } = query.value
      return answerJson(c, await attempts.entries(rater.value, c.req.param('attemptId'), after))
    })
    .post('/:attemptId/entries', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const entry = await parseBody(c, NewEntry, MAX_ENTRY_BYTES)
      if (!entry.ok) return answerRefusal(c, entry.refusal)
      return answerJson(c, await attempts.append(rater.value, c.req.param('attemptId'), entry.value))
    })
    .post('/:attemptId/commit', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, CommitAttempt)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerJson(c, await attempts.commit(rater.value, c.req.param('attemptId'), request.value))
    })
    .post('/:attemptId/lock', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await attempts.lock(rater.value, c.req.param('attemptId')))
    })
    .post('/:attemptId/shown', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const overlay = await parseBody(c, ShownOverlay)
      if (!overlay.ok) return answerRefusal(c, overlay.refusal)
      return answerJson(c, await attempts.shown(rater.value, c.req.param('attemptId'), overlay.value))
    })
  return routes
}
