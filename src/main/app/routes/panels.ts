import { Hono } from 'hono'
import { NewPanel } from '../../../contract'
import type { Services } from '../services'
import { answerJson, answerRefusal, parseBody } from '../answer'
import { askingRater } from '../asking'

/** Panels: who reads which cases, how, and how far the rater who asks has come. */
export function panelRoutes({ panels }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await panels.list(rater.value))
    })
    .post('/', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, NewPanel)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerJson(c, await panels.add(rater.value, request.value))
    })
    .get('/:panelId/cases', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await panels.cases(rater.value, c.req.param('panelId')))
    })
    .get('/:panelId/agreement', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await panels.agreement(rater.value, c.req.param('panelId')))
    })
  return routes
}
