import { Hono } from 'hono'
import { ImportReadingsRequest } from '../../../contract'
import { subjectNamed } from '../../../core/subject/subject'
import type { Services } from '../services'
import { answerRefusal, parse, parseBody } from '../answer'
import { isWithheld, release } from '../asking'
import { SubjectQuery } from '../subject-query'

/** What human readers drew. `null` where nothing was brought in for the series or photograph. */
export function readingRoutes(services: Services): Hono {
  const { library, readings } = services
  const routes = new Hono()
  routes
    .post('/', async (c) => {
      const request = await parseBody(c, ImportReadingsRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const known = library.current().annotations
      for (const id of request.value.annotationIds) {
        const about = known.find(({ annotationId }) => annotationId === id)
        const subject = about === undefined ? null : subjectNamed(about)
        if (subject === null) continue
        const released = await release(c, services, subject, 'peers', 'readings brought in')
        if (!released.ok) return answerRefusal(c, released.refusal)
      }
      const set = await readings.importAnnotations(request.value)
      if (!set.ok) return answerRefusal(c, set.refusal)
      const subject = subjectNamed(set.value)
      if (subject === null) return c.json(set.value)
      // A reading file may name another series than the one it lies beside: what it holds is asked about again.
      const released = await release(c, services, subject, 'peers', 'readings brought in')
      return released.ok ? c.json(set.value) : answerRefusal(c, released.refusal)
    })
    .get('/', async (c) => {
      const query = parse(SubjectQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      const subject = query.value
      const set = readings.of(subject)
      // Asked first: whether anything was brought in is no answer for a blind reader either.
      const withheld = await isWithheld(c, services, subject)
      if (!withheld.ok) return answerRefusal(c, withheld.refusal)
      if (set === null) return c.json(null)
      const released = await release(c, services, subject, 'peers', 'readings listed')
      return released.ok ? c.json(set) : answerRefusal(c, released.refusal)
    })
  return routes
}
