import type { Figure, PanelAgreement } from '../../contract'
import { blandAltman } from '../measures/bland-altman'
import { noInterval } from '../measures/figure'
import { intraclassCorrelation } from '../measures/intraclass'
import { krippendorffAlpha } from '../measures/krippendorff-alpha'
import {
  measureOverPatients,
  presenceRatings,
  type PanelCaseFigures,
  type PanelFigures,
} from './panel-agreement'
import { cohenKappa, fleissKappa, percentAgreement, type Ratings } from '../measures/ratings'
import type { Steps } from '../measures/steps'

type Row = PanelAgreement['rows'][number]

/** The figures that stand first, own against the others beside the whole panel. */
export function headRows(all: PanelFigures): Row[] {
  const over = `${all.caseCount} cases of ${all.patientCount} patients; intervals over patients`
  const { sizeDifferencePercent: difference } = all
  const rows: Row[] = [
    { measure: 'Is it there, Krippendorff’s α', ...all.presence, note: `outlined or nothing; ${over}` },
    {
      measure: 'Equal-area diameter, ICC(2,1)',
      ...all.size,
      note: `of a circle of the same area, all structures of a reading together; cases that all outlined; ${over}`,
    },
    {
      measure: 'Outline, mean Dice',
      ...all.meanDice,
      note: `all structures of a reading together; pairs who both outlined; ${over}`,
    },
  ]
  if (difference === null) return rows
  const hidden = { ...difference, value: null, low95: null, high95: null, without: 'only you see this' }
  const note = `own less the others’ mean, in percent of the mean of both; ${over}`
  return [...rows, { measure: 'Your size against theirs', own: difference, panel: hidden, note }]
}

/** Further figures of the panel as a whole. `sizeUnit`: of the diameters; null where cases differ in it. */
export function* furtherRows(
  cases: readonly PanelCaseFigures[],
  sizeUnit: Figure['unit'] | null,
): Steps<Row[]> {
  const presence = presenceRatings(cases)
  const patientIds = cases.map(({ patientId }) => patientId)
  const raters = presence[0]?.length ?? 0
  const panelRow = (measure: string, panel: Figure, note: string): Row => ({
    measure,
    own: null,
    panel,
    note,
  })
  const share = yield* measureOverPatients(cases, 'share', (times) => percentAgreement(presence, times))
  const fleiss = yield* measureOverPatients(cases, 'none', (times) => fleissKappa(presence, times))
  const alpha = krippendorffAlpha(presence, 'nominal')
  const rows = [
    panelRow('Same answer, share of pairs', share, 'not corrected for chance'),
    panelRow(
      'Is it there, Fleiss’ κ',
      fleiss,
      `needs the same number of raters a case; α ${shown(alpha.value)}`,
    ),
  ]
  if (raters === 2) {
    const cohen = yield* measureOverPatients(cases, 'none', (times) =>
      cohenKappa(presence, 'unweighted', times),
    )
    rows.push(panelRow('Is it there, Cohen’s κ', cohen, 'the two raters of the panel'))
  }
  const sizes: Ratings = cases.map((each) => each.sizes)
  rows.push(
    panelRow(
      'Equal-area diameter, ICC(3,1)',
      asIndependent(intraclassCorrelation(sizes, 'ICC(3,1)'), patientIds),
      'consistency of these raters; interval from F',
    ),
  )
  if (raters === 2 && sizeUnit !== null) rows.push(...blandAltmanRows(sizes, sizeUnit, patientIds))
  return rows
}

const shown = (value: number | null): string => (value === null ? 'not given' : value.toFixed(2))

/** The interval of a formula that takes cases as independent is not given where some are of one patient. */
export const asIndependent = (figure: Figure, patientIds: readonly string[]): Figure =>
  figure.low95 === null || new Set(patientIds).size === patientIds.length
    ? figure
    : { ...figure, ...noInterval('several cases of one patient, no interval') }

function blandAltmanRows(sizes: Ratings, unit: Figure['unit'], patientIds: readonly string[]): Row[] {
  const { bias, lowerLimit, upperLimit } = blandAltman(sizes, unit)
  const row = (measure: string, figure: Figure): Row => ({
    ...{ measure, own: null, panel: asIndependent(figure, patientIds) },
    note: 'Bland–Altman of the diameters, second rater less first; interval from t',
  })
  return [
    row('Equal-area diameter, second less first, bias', bias),
    row('Equal-area diameter, lower limit of agreement', lowerLimit),
    row('Equal-area diameter, upper limit of agreement', upperLimit),
  ]
}
