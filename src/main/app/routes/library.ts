import { Hono } from 'hono'
import { ScanRequest } from '../../../contract'
import type { Services } from '../../services'
import { answerJson, answerRefusal, parseBody } from '../answer'
import { answerLines, scanLines } from '../json-lines'
import { refusedLine } from '../refused-line'

/** What was opened, opening more, and the built-in case. */
export function libraryRoutes(services: Services): Hono {
  const { library } = services
  const routes = new Hono()
  routes
    .get('/library', (c) => c.json(library.current()))
    .post('/scans', async (c) => {
      const request = await parseBody(c, ScanRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const { paths } = request.value
      return answerLines(c, (signal) => scanLines(library, paths, signal), refusedLine(services))
    })
    .post('/demo', async (c) => answerJson(c, await services.openDemo(c.req.raw.signal)))
  return routes
}
