import { Hono } from 'hono'
import { z } from 'zod'
import { ConsensusMethod, ExportRequest, ImportQuery, Uid } from '../../../contract'
import type { Services } from '../services'
import { answerBytes, answerJson, answerRefusal, parse, parseBody, readBytes } from '../answer'
import { askingRater } from '../asking'
import { subjectOf } from '../subject-query'

const More = {
  lesion: z.string().min(1).max(128).optional(),
  consensus: ConsensusMethod.optional(),
}
const ComparisonQuery = z.union([
  z.strictObject({ seriesUid: Uid, ...More }),
  z.strictObject({ imageId: z.string().min(1).max(1024), ...More }),
])

const MAX_IMPORT_BYTES = 512_000_000

/** Readings side by side after the reveal; handing them out and bringing others in. */
export function comparisonRoutes({ comparisons, worklist, exchange }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/comparisons', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const query = parse(ComparisonQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      const { lesion, consensus, ...subject } = query.value
      const options = { lesionId: lesion ?? null, consensus: consensus ?? null }
      return answerJson(c, await comparisons.compare(rater.value, subjectOf(subject), options))
    })
    .post('/exports', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, ExportRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const file = await exchange.handOut(rater.value, request.value)
      if (!file.ok) return answerRefusal(c, file.refusal)
      const name = file.value.name.replace(/[^\w.-]/g, '_')
      return answerBytes(c, file.value.bytes, 'application/zip', {
        'content-disposition': `attachment; filename="${name}"`,
      })
    })
    .post('/imports', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const query = parse(ImportQuery, c.req.query())
      if (!query.ok) return answerRefusal(c, query.refusal)
      const bytes = await readBytes(c, MAX_IMPORT_BYTES)
      if (!bytes.ok) return answerRefusal(c, bytes.refusal)
      return answerJson(c, await exchange.bringIn(rater.value, query.value, bytes.value))
    })
    .get('/worklist', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerJson(c, await worklist.rank(rater.value))
    })
  return routes
}
