import { type Context, Hono } from 'hono'
import { EditPanel, NewPanel, PanelExportRequest } from '../../../contract'
import type { Services } from '../services'
import { answerRefusal, answerZip, parseBody } from '../answer'
import { askingRater, forRater, forRaterWith } from '../asking'

const panelIdOf = (c: Context): string => c.req.param('panelId') ?? ''

/** Panels: who reads which cases, how, and how far the rater who asks has come. */
export function panelRoutes({ panels, exchange }: Services): Hono {
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((_c, rater) => panels.list(rater)),
    )
    .post(
      '/',
      forRaterWith(NewPanel, (rater, request) => panels.add(rater, request)),
    )
    .post(
      '/:panelId',
      forRaterWith(EditPanel, (rater, request, c) => panels.edit(rater, panelIdOf(c), request)),
    )
    .post(
      '/:panelId/close',
      forRater((c, rater) => panels.close(rater, panelIdOf(c))),
    )
    .get(
      '/:panelId/cases',
      forRater((c, rater) => panels.cases(rater, panelIdOf(c))),
    )
    .get(
      '/:panelId/progress',
      forRater((c, rater) => panels.progress(rater, panelIdOf(c))),
    )
    .post('/:panelId/export', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, PanelExportRequest)
      return request.ok
        ? answerZip(c, await exchange.exportPanel(rater.value, panelIdOf(c), request.value))
        : answerRefusal(c, request.refusal)
    })
    .get(
      '/:panelId/agreement',
      forRater((c, rater) => panels.agreement(rater, panelIdOf(c))),
    )
  return routes
}
