import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { CommitAttempt, OpenAttempt, ShownOverlay } from '../../../contract'
import type { Services } from '../services'
import { parse, readBytes } from '../answer'
import { forRater, forRaterWith, onParsed } from '../asking'
import { SubjectQuery } from '../subject-query'

/** A gesture may carry the pixels of many slices: masks as run lengths; all vessels of the largest photograph take 2 MB. */
const MAX_ENTRY_BYTES = 4_000_000

const EntriesQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
})

const attemptIdOf = (c: Context): string => c.req.param('attemptId') ?? ''

/** Attempts of the rater who asks, and of nobody else. */
export function attemptRoutes({ attempts }: Services): Hono {
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((c, rater) =>
        onParsed(parse(SubjectQuery, c.req.query()), (subject) => attempts.own(rater, subject)),
      ),
    )
    .post(
      '/',
      forRaterWith(OpenAttempt, (rater, request) => attempts.open(rater, request)),
    )
    .get(
      '/:attemptId',
      forRater((c, rater) => attempts.detail(rater, attemptIdOf(c))),
    )
    .get(
      '/:attemptId/entries',
      forRater((c, rater) =>
        onParsed(parse(EntriesQuery, c.req.query()), ({ after }) =>
          attempts.entries(rater, attemptIdOf(c), after),
        ),
      ),
    )
    .post(
      '/:attemptId/entries',
      forRater(async (c, rater) =>
        onParsed(await readBytes(c, MAX_ENTRY_BYTES), async (bytes) =>
          onParsed(await attempts.readEntry(bytes), (entry) => attempts.append(rater, attemptIdOf(c), entry)),
        ),
      ),
    )
    .post(
      '/:attemptId/commit',
      forRaterWith(CommitAttempt, (rater, request, c) => attempts.commit(rater, attemptIdOf(c), request)),
    )
    .post(
      '/:attemptId/lock',
      forRater((c, rater) => attempts.lock(rater, attemptIdOf(c))),
    )
    .post(
      '/:attemptId/shown',
      forRaterWith(ShownOverlay, (rater, overlay, c) => attempts.shown(rater, attemptIdOf(c), overlay)),
    )
  return routes
}
