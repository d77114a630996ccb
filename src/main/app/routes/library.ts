import { Hono } from 'hono'
import { ScanRequest } from '../../../contract'
import type { ScanLine } from '../../../contract'
import type { Services } from '../services'
import { answerJson, answerRefusal, parseBody } from '../answer'
import { ownerOnly } from '../asking'
import { answerLines, scanLines } from '../json-lines'
import { refusedLine } from '../refused-line'
import { shownLines, withoutWithheld } from '../shown-listing'

/** What was opened, opening more, and the built-in case. */
export function libraryRoutes(services: Services): Hono {
  const { library } = services
  const routes = new Hono()
  routes
    .get('/library', async (c) => c.json(await withoutWithheld(c, services, library.current())))
    .post('/scans', async (c) => {
      const allowed = ownerOnly(c, 'Opening folders')
      if (!allowed.ok) return answerRefusal(c, allowed.refusal)
      const request = await parseBody(c, ScanRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const { paths } = request.value
      const lines = (signal: AbortSignal): AsyncIterable<ScanLine> =>
        shownLines(c, services, scanLines(library, paths, signal))
      return answerLines(c, lines, refusedLine(services))
    })
    .post('/demo', async (c) => {
      const allowed = ownerOnly(c, 'Opening the built-in case')
      if (!allowed.ok) return answerRefusal(c, allowed.refusal)
      return answerJson(c, await services.openDemo(c.req.raw.signal))
    })
  return routes
}
