import { Hono } from 'hono'
import { z } from 'zod'
import type { Services } from '../services'
import { parse } from '../answer'
import { forRater, onParsed } from '../asking'

const AuditQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number)
    .optional(),
})

/** The log of who did what when, to the owner. */
export function auditRoutes({ audit }: Services): Hono {
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((c, rater) =>
        onParsed(parse(AuditQuery, c.req.query()), ({ after = 0 }) => audit.entries(rater, after)),
      ),
    )
    .get(
      '/verify',
      forRater((_c, rater) => audit.verify(rater)),
    )
  return routes
}
