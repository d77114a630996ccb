import { Hono } from 'hono'
import { NewRecent } from '../../../contract'
import type { ScanLine } from '../../../contract'
import type { Services } from '../services'
import { answerPng, answerRefusal } from '../answer'
import { askingRater, forRater, forRaterWith, ownerOnly } from '../asking'
import { answerLines, scanLines } from '../json-lines'
import { refusedLine } from '../refused-line'
import { shownLines } from '../shown-listing'

/** What the rater who asks had open, and nobody else; the owner opens it again from where it lies. */
export function recentRoutes(services: Services): Hono {
  const { library, recent } = services
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((_c, rater) => recent.list(rater)),
    )
    .post(
      '/',
      forRaterWith(NewRecent, (rater, one) => recent.note(rater, one)),
    )
    .post(
      '/clear',
      forRater((_c, rater) => recent.forget(rater, null)),
    )
    .post(
      '/:recentId/forget',
      forRater((c, rater) => recent.forget(rater, c.req.param('recentId') ?? '')),
    )
    .get('/:recentId/picture', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerPng(c, await recent.picture(rater.value, c.req.param('recentId')))
    })
    .post('/:recentId/open', async (c) => {
      const allowed = ownerOnly(c, 'Opening folders')
      if (!allowed.ok) return answerRefusal(c, allowed.refusal)
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const root = await recent.open(rater.value, c.req.param('recentId'))
      if (!root.ok) return answerRefusal(c, root.refusal)
      const lines = (signal: AbortSignal): AsyncIterable<ScanLine> =>
        shownLines(c, services, scanLines(library, [root.value], signal))
      return answerLines(c, lines, refusedLine(services))
    })
  return routes
}
