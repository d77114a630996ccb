import { Hono } from 'hono'
import type { Context } from 'hono'
import { ScanRequest } from '../../../contract'
import type { ScanLine, ScanResult } from '../../../contract'
import type { Services } from '../../services'
import { answerJson, answerRefusal, parseBody } from '../answer'
import { ownerOnly } from '../asking'
import { answerLines, scanLines } from '../json-lines'
import { refusedLine } from '../refused-line'

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
    .post('/demo', async (c) => answerJson(c, await services.openDemo(c.req.raw.signal)))
  return routes
}

async function* shownLines(
  c: Context,
  services: Services,
  lines: AsyncIterable<ScanLine>,
): AsyncGenerator<ScanLine> {
  for await (const line of lines)
    yield line.kind === 'done'
      ? { kind: 'done', result: await withoutWithheld(c, services, line.result) }
      : line
}

/** The listing without the reading files of subjects that this rater still reads blind: their number and notes tell. */
async function withoutWithheld(
  c: Context,
  { annotations }: Services,
  result: ScanResult,
): Promise<ScanResult> {
  const { rater } = c.var
  if (rater === null || result.annotations.length === 0) return result
  const known = new Map<string, boolean>()
  for (const { seriesUid, imageId } of result.annotations) {
    if (seriesUid !== null && !known.has(seriesUid)) {
      const asked = await annotations.withheld(rater, { kind: 'series', seriesUid })
      known.set(seriesUid, asked.ok && asked.value === null)
    }
    if (imageId !== null && !known.has(imageId)) {
      const asked = await annotations.withheld(rater, { kind: 'image', imageId })
      known.set(imageId, asked.ok && asked.value === null)
    }
  }
  const mayBeListed = (id: string | null): boolean => id === null || known.get(id) !== false
  return {
    ...result,
    annotations: result.annotations.filter(
      (one) => one.kind === 'field-of-view' || (mayBeListed(one.seriesUid) && mayBeListed(one.imageId)),
    ),
  }
}
