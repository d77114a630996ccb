import type { Context } from 'hono'
import { type GrowthRequest, type LesionGrowth, refuse, type Result } from '../../contract'
import { subjectOfTarget } from '../../core/subject/subject'
import { growthOfKept } from '../lesions/growth-of-kept'
import { askingRater, isWithheld } from './asking'
import { releaseModel } from './handed-out'
import type { Services } from './services'

/** Growth shows the model on both series: refused while either is withheld, and noted for both. */
export async function growthOf(
  c: Context,
  services: Services,
  request: GrowthRequest,
): Promise<Result<LesionGrowth>> {
  const subjects = request.lesions.map(({ target }) => subjectOfTarget(target))
  // Asked of both before either is noted as shown.
  for (const subject of subjects) {
    const withheld = await isWithheld(c, services, subject)
    if (!withheld.ok) return withheld
  }
  const rater = askingRater(c)
  if (!rater.ok) return rater
  if (services.keptRuns === null) return refuse('not-found', 'Nothing that was drawn is kept here.')
  for (const subject of subjects) {
    const released = await releaseModel(c, services, subject, 'growth between two dates')
    if (!released.ok) return released
  }
  return growthOfKept(services.library, services.keptRuns, rater.value, request)
}
