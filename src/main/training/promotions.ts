import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ModelName } from '../../contract'
import type { GateReport, InstalledModel, ModelVersion } from '../../contract'
import { canonicalJson, equalValues } from '../../core/annotation/canonical-json'
import { inOrder } from '../registry/model-order'
import type { ModelService } from '../registry/model-service'
import type { Versions } from '../registry/versions'
import type { StoredTrainingRecord } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'

/**
 * A model is promoted where the audit log of the workspace says so, and says it of this package and this report. The
 * record beside a package is a file that anybody may write: by itself it promotes nothing.
 */

/** What a promotion and its taking back say; those of earlier versions name no report. */
const Promotion = z.strictObject({
  model: ModelName,
  parent: ModelName.nullable(),
  reportSha256: z.string().nullable().optional(),
})

export const reportSha256 = (report: GateReport): string =>
  createHash('sha256').update(canonicalJson(report)).digest('hex')

const promotionOf = ({ model, parent, gate }: ModelVersion): z.infer<typeof Promotion> => ({
  ...{ model, parent },
  reportSha256: gate === null ? null : reportSha256(gate),
})

export const promotionBody = (version: ModelVersion): string => JSON.stringify(promotionOf(version))

const NEXT = 'Go back to its parent, then judge and promote it again.'

/** The models with the standing that the log gives those that were made here. It is asked where a record claims one. */
export function promotedModels(
  models: ModelService,
  versions: Versions,
  store: Pick<StoreCalls, 'trainingRecords'>,
): ModelService {
  return {
    list: async () => {
      const found = await models.list()
      const made = new Map(
        found.some(({ standing }) => standing !== null)
          ? (await versions.list()).map((version) => [version.model.id, version])
          : [],
      )
      const claims = [...made.values()].some(isClaimed)
      const log = claims ? await promotionsIn(store) : []
      return inOrder(found.map((model) => withStanding(model, made.get(model.id), log)))
    },
    check: models.check,
  }
}

const isClaimed = ({ experimental, promotedAt }: ModelVersion): boolean =>
  !experimental || promotedAt !== null

/** What was promoted and taken back, oldest first; a text: why it cannot be known. */
async function promotionsIn(
  store: Pick<StoreCalls, 'trainingRecords'>,
): Promise<readonly StoredTrainingRecord[] | string> {
  const found: StoredTrainingRecord[] = []
  for (const kind of ['promote', 'roll-back'] as const) {
    const kept = await store.trainingRecords(kind)
    if (!kept.ok) return kept.refusal.reason
    found.push(...kept.value)
  }
  return found.toSorted((a, b) => a.at.localeCompare(b.at))
}

function withStanding(
  model: InstalledModel,
  version: ModelVersion | undefined,
  log: readonly StoredTrainingRecord[] | string,
): InstalledModel {
  if (model.standing === null || version === undefined || !isClaimed(version)) return model
  const doubt = doubtOf(model, version, log)
  return doubt === null
    ? { ...model, standing: { ...model.standing, experimental: false, promotedAt: version.promotedAt } }
    : { ...model, standing: { ...model.standing, doubt: `${doubt} ${NEXT}` } }
}

/** Why a promotion that the record beside a package claims is not the log's, in a sentence; null: it is. */
function doubtOf(
  { id, sha256 }: InstalledModel,
  version: ModelVersion,
  log: readonly StoredTrainingRecord[] | string,
): string | null {
  const claimed = `The record beside ${id} says that it was promoted`
  if (typeof log === 'string') return `${claimed}; the log of the workspace could not be asked: ${log}`
  const last = log.findLast(({ key }) => key === id)
  if (last?.kind !== 'promote') return `${claimed}; the log of this workspace does not.`
  if (sha256 !== version.model.sha256) return `The package ${id} is not the one that was promoted.`
  const promotion = Promotion.safeParse(JSON.parse(last.body))
  if (!promotion.success || promotion.data.reportSha256 === undefined)
    return `${id} was promoted by a version of Margin that did not keep what it was promoted by.`
  const said = { ...promotion.data, at: last.at }
  const isTheSame = equalValues(said, { ...promotionOf(version), at: version.promotedAt })
  return isTheSame ? null : `The record beside ${id} is not the one by which it was promoted.`
}

/** A version as it stands: promoted where the models say so, whatever its record claims. */
export function asItStands(version: ModelVersion, models: readonly InstalledModel[]): ModelVersion {
  const standing = models.find(({ id }) => id === version.model.id)?.standing ?? null
  return {
    ...version,
    experimental: standing?.experimental ?? true,
    promotedAt: standing?.promotedAt ?? null,
  }
}
