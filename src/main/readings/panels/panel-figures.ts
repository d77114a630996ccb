import { accept, refuse } from '../../../contract'
import type { PanelAgreement, Rater, Result, Verdict } from '../../../contract'
import type { SeriesSpacing } from '../../../contract'
import { repeatabilityCoefficient } from '../../../core/measures/bland-altman'
import { compareWith } from '../../../core/comparison/pair-agreement'
import {
  meanOverPatients,
  panelCaseFigures,
  panelFigures,
  type PanelCaseFigures,
} from '../../../core/comparison/panel-agreement'
import { panelPairs } from '../../../core/comparison/panel-pairs'
import { asIndependent, furtherRows, headRows } from '../../../core/comparison/panel-rows'
import {
  voxelBlock,
  voxelSizeOf,
  type SliceOutline,
  type VoxelSize,
} from '../../../core/measures/voxel-block'
import { sizesOfMask } from '../../../core/uncertainty/sizes'
import type { StoredAttempt, StoredPanel, StoredRater } from '../../workspace/store'
import type { AttemptParts } from '../attempts'
import { attemptOutlines } from '../attempt-outlines'
import { givingWay, inSlices } from '../in-slices'

/** A case of the panel with each rater's first and second answer. */
interface CaseAttempts {
  readonly key: string
  readonly patientId: string
  readonly spacingMm: SeriesSpacing | null
  readonly first: readonly (StoredAttempt | null)[]
  /** A second attempt, or the hidden repeat, of the rater who asks. */
  readonly ownAgain: StoredAttempt | null
}

/**
 * Agreement of a panel over the cases that the rater who asks has finished and may see; the owner who reads nothing
 * of it sees all. What is still blind to the asker counts nowhere: not even in a denominator.
 */
export async function panelAgreement(
  parts: AttemptParts,
  rater: Rater,
  panelId: string,
): Promise<Result<PanelAgreement>> {
  const panels = await parts.store.panels()
  if (!panels.ok) return panels
  const panel = panels.value.find((one) => one.panelId === panelId)
  if (panel === undefined || (!panel.raterIds.includes(rater.raterId) && rater.role !== 'owner'))
    return refuse('not-found', 'You are in no such panel.', { next: 'Choose a panel of the list.' })
  const cases = await openCases(parts, rater, panel)
  if (!cases.ok) return cases
  const keys = cases.value.map(({ key }) => key)
  const released = await parts.disclosure.releaseAll(rater, keys, 'agreement', 'panel')
  if (!released.ok) return released
  const own = panel.raterIds.indexOf(rater.raterId)
  const figures: PanelCaseFigures[] = []
  for (const one of cases.value) {
    const figure = await caseFigures(parts, one)
    if (!figure.ok) return figure
    figures.push(figure.value)
  }
  const named = await parts.store.raters()
  if (!named.ok) return named
  const all = await inSlices(panelFigures(figures, own < 0 ? null : own))
  const within = own < 0 ? accept([]) : await withinRater(parts, cases.value, own)
  if (!within.ok) return within
  return accept({
    panelId,
    cases: all.caseCount,
    patients: all.patientCount,
    counts: all.counts,
    rows: [...headRows(all), ...(await inSlices(furtherRows(figures, sizeUnitOf(cases.value))))],
    within: within.value,
    pairs: rater.role === 'owner' ? await pairsOf(figures, named.value, panel) : [],
  })
}

async function pairsOf(
  figures: readonly PanelCaseFigures[],
  raters: readonly StoredRater[],
  { raterIds }: StoredPanel,
): Promise<PanelAgreement['pairs']> {
  const nameOf = (column: number): string =>
    raters.find(({ raterId }) => raterId === raterIds[column])?.pseudonym ?? ''
  const pairs = await inSlices(panelPairs(figures))
  return pairs.map(({ first, second, ...figure }) => ({
    ...{ first: nameOf(first), second: nameOf(second) },
    ...figure,
  }))
}

/** One unit for all diameters, or none. */
const sizeUnitOf = (cases: readonly CaseAttempts[]): 'mm' | 'px' | null => {
  const units = new Set(cases.map(({ spacingMm }) => (spacingMm === null ? 'px' : 'mm')))
  const [only] = units
  return units.size === 1 ? (only ?? null) : null
}

async function openCases(
  { store, subjects, disclosure }: AttemptParts,
  rater: Rater,
  panel: StoredPanel,
): Promise<Result<CaseAttempts[]>> {
  const stored = await store.casesOfPanel(panel.panelId)
  if (!stored.ok) return stored
  const attempts = await store.attemptsOfPanel(panel.panelId)
  if (!attempts.ok) return attempts
  const reads = panel.raterIds.includes(rater.raterId)
  const committed = attempts.value.filter(({ state }) => state !== 'draft')
  const withheldOf = await disclosure.withheldOfAll(rater)
  if (!withheldOf.ok) return withheldOf
  const committedOf = new Map<string, StoredAttempt[]>()
  for (const one of committed) {
    const key = JSON.stringify([one.subject, one.raterId])
    const own = committedOf.get(key)
    if (own === undefined) committedOf.set(key, [one])
    else own.push(one)
  }
  const cases: CaseAttempts[] = []
  const giveWay = givingWay()
  for (const key of new Set(stored.value.map(({ subject }) => subject))) {
    await giveWay()
    const of = (raterId: string): StoredAttempt[] =>
      (committedOf.get(JSON.stringify([key, raterId])) ?? []).toSorted((a, b) =>
        a.openedAt.localeCompare(b.openedAt),
      )
    if (withheldOf.value(key) !== null || (reads && of(rater.raterId).length === 0)) continue
    const subject = await subjects.subjectOf(key)
    const found = subject === null ? null : await subjects.find(subject)
    const summary = found?.ok === true ? found.value.detail?.summary : undefined
    cases.push({
      key,
      patientId: (found?.ok === true ? found.value.patientId : null) ?? key,
      spacingMm: summary?.spacingMm ?? null,
      first: panel.raterIds.map((raterId) => of(raterId)[0] ?? null),
      ownAgain: of(rater.raterId)[1] ?? null,
    })
  }
  return accept(cases)
}

async function caseFigures(parts: AttemptParts, one: CaseAttempts): Promise<Result<PanelCaseFigures>> {
  const outlines: (readonly SliceOutline[])[] = []
  const verdicts: (Verdict | null)[] = []
  for (const attempt of one.first) {
    const read = attempt === null ? null : await attemptOutlines(parts.documents, attempt)
    if (read !== null && !read.ok) return read
    outlines.push(read?.value.outlines ?? [])
    verdicts.push(read?.value.verdict ?? null)
  }
  const size = voxelSizeOf(one.spacingMm)
  const block = voxelBlock(outlines)
  const sizes = outlines.map((drawn) => largestDiameter(drawn, size))
  return accept(await inSlices(panelCaseFigures(block.masks, { patientId: one.patientId, verdicts, sizes })))
}

/** Diameter of the disc of equal area on the slice where most is marked. */
function largestDiameter(outlines: readonly SliceOutline[], size: VoxelSize): number | null {
  let largest: number | null = null
  for (const { placed } of outlines) {
    const count = placed.mask.pixels.reduce((sum, pixel) => sum + pixel, 0)
    const diameter = sizesOfMask(placed.mask, count, size)?.equivalentDiameter ?? null
    if (diameter !== null && (largest === null || diameter > largest)) largest = diameter
  }
  return largest
}

async function withinRater(
  parts: AttemptParts,
  cases: readonly CaseAttempts[],
  own: number,
): Promise<Result<PanelAgreement['within']>> {
  const dice: (number | null)[] = []
  const diameters: (number | null)[][] = []
  const patients: string[] = []
  const unit = sizeUnitOf(cases)
  for (const one of cases) {
    const first = one.first[own]
    if (one.ownAgain === null || first == null) continue
    const before = await attemptOutlines(parts.documents, first)
    if (!before.ok) return before
    const after = await attemptOutlines(parts.documents, one.ownAgain)
    if (!after.ok) return after
    if (before.value.verdict !== 'outlined' || after.value.verdict !== 'outlined') continue
    const block = voxelBlock([before.value.outlines, after.value.outlines])
    const [pair] = await inSlices(compareWith(block, 0, [1], voxelSizeOf(one.spacingMm)))
    dice.push(pair?.dice.value ?? null)
    const size = voxelSizeOf(one.spacingMm)
    diameters.push([
      largestDiameter(before.value.outlines, size),
      largestDiameter(after.value.outlines, size),
    ])
    patients.push(one.patientId)
  }
  if (dice.length === 0) return accept([])
  const repeatability = asIndependent(repeatabilityCoefficient(diameters, unit ?? 'none'), patients)
  return accept([
    ...(unit === null
      ? []
      : [
          {
            measure: 'Repeatability of your diameter',
            figure: repeatability,
            note: 'two of your readings differ by less in 95 % of cases; interval from chi-square',
          },
        ]),
    {
      measure: 'Your second outline against your first, mean Dice',
      figure: await inSlices(meanOverPatients(dice, patients, 'share')),
      note: 'second attempts and hidden repeats that both outlined something',
    },
  ])
}
