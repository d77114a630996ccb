import { Hono } from 'hono'
import { NewMeasurementEntry, Subject } from '../../../contract'
import type { Services } from '../services'
import { answerRefusal, answerZip, parse, parseBody } from '../answer'
import { askingRater, forRater, forRaterWith, onParsed } from '../asking'
import { SubjectQuery } from '../subject-query'

/** Measurements of the rater who asks, and of nobody else. */
export function measurementRoutes({ measurements, exchange }: Services): Hono {
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((c, rater) =>
        onParsed(parse(SubjectQuery, c.req.query()), (subject) => measurements.own(rater, subject)),
      ),
    )
    .post(
      '/',
      forRaterWith(NewMeasurementEntry, (rater, entry) => measurements.append(rater, entry)),
    )
    .post('/export', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const subject = await parseBody(c, Subject)
      if (!subject.ok) return answerRefusal(c, subject.refusal)
      return answerZip(c, await exchange.exportMeasurements(rater.value, subject.value))
    })
  return routes
}
