import { Hono } from 'hono'
import { z } from 'zod'
import { ChangeImport, ConsensusMethod, ExportRequest, ImportQuery } from '../../../contract'
import type { Services } from '../services'
import { createAdmission, declaredBytes } from '../admission'
import { answerRefusal, answerZip, parse, parseBody, readBytes } from '../answer'
import { askingRater, forRater, forRaterWith, onParsed } from '../asking'
import { SUBJECT_NAMES, subjectOfQuery } from '../subject-query'

const ComparisonQuery = z
  .strictObject({
    ...SUBJECT_NAMES,
    lesion: z.string().min(1).max(128).optional(),
    consensus: ConsensusMethod.optional(),
  })
  .transform(({ lesion, consensus, ...names }, context) => ({
    ...{ lesion, consensus, subject: subjectOfQuery(names, context) },
  }))

const MAX_IMPORT_BYTES = 512_000_000
/** Files that are read at a time: one of the largest, or several of the usual ones. */
const IMPORTS_BYTES = 512_000_000
/** Longer than the file before takes to be read. */
const LONGEST_WAIT_MS = 60_000

/** Readings side by side after the reveal; exporting them and bringing others in. */
export function comparisonRoutes({ comparisons, worklist, exchange }: Services): Hono {
  const imports = createAdmission(IMPORTS_BYTES, LONGEST_WAIT_MS)
  const routes = new Hono()
  routes
    .get(
      '/comparisons',
      forRater((c, rater) =>
        onParsed(parse(ComparisonQuery, c.req.query()), ({ subject, lesion, consensus }) =>
          comparisons.compare(rater, subject, {
            lesionId: lesion ?? null,
            consensus: consensus ?? null,
          }),
        ),
      ),
    )
    .post('/exports', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, ExportRequest)
      if (!request.ok) return answerRefusal(c, request.refusal)
      return answerZip(c, await exchange.exportReadings(rater.value, request.value))
    })
    .post(
      '/imports',
      forRater((c, rater) =>
        onParsed(parse(ImportQuery, c.req.query()), (query) =>
          imports.inTurn(rater.raterId, declaredBytes(c, MAX_IMPORT_BYTES), async () =>
            onParsed(await readBytes(c, MAX_IMPORT_BYTES), (bytes) => exchange.bringIn(rater, query, bytes)),
          ),
        ),
      ),
    )
    .post(
      '/imports/:importId',
      forRaterWith(ChangeImport, (rater, { change }, c) =>
        comparisons.changeImport(rater, c.req.param('importId') ?? '', change),
      ),
    )
    .get(
      '/worklist',
      forRater((_c, rater) => worklist.rank(rater)),
    )
  return routes
}
