import { Hono } from 'hono'
import { MOST_PACKAGE_BYTES } from '../../exchange/package-zip'
import { createAdmission, declaredBytes } from '../admission'
import { answerRefusal, answerZip, readBytes } from '../answer'
import { askingRater, forRater, onParsed } from '../asking'
import type { Services } from '../services'

/** Longer than the package before takes to be read and run. */
const LONGEST_WAIT_MS = 60_000

/** Model packages as files, to the owner. */
export function packageRoutes({ packages }: Services): Hono {
  const imports = createAdmission(MOST_PACKAGE_BYTES, LONGEST_WAIT_MS)
  const routes = new Hono()
  routes
    .post(
      '/',
      forRater((c, rater) =>
        imports.inTurn(rater.raterId, declaredBytes(c, MOST_PACKAGE_BYTES), async () =>
          onParsed(await readBytes(c, MOST_PACKAGE_BYTES), (bytes) => packages.importPackage(rater, bytes)),
        ),
      ),
    )
    .post('/:modelId', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      return answerZip(c, await packages.exportPackage(rater.value, c.req.param('modelId')))
    })
  return routes
}
