import { Hono } from 'hono'
import { z } from 'zod'
import type { Services } from '../services'
import { answerJson, answerRefusal, parse } from '../answer'
import { askingRater } from '../asking'

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
    .get('/', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const query = parse(AuditQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      return answerJson(c, await audit.entries(rater.value, query.value.after ?? 0))
    })
    .get('/verify', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await audit.verify(rater.value))
    })
  return routes
}
