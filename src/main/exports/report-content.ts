/** What the one-page report says, as text: sizes with intervals, classes where the kind was said, limits, and the run. */
import type { ImageSummary, LesionReport, NoduleKind, ReportedImage, SeriesDetail } from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { tooThick } from '../../core/guidelines/fleischner-2017'
import { guidelineShares } from '../../core/guidelines/guideline-shares'
import { kindOf } from '../../core/subject/subject-kinds'
import { eyeOf } from '../../core/words/case-words'
import { drawWords } from '../../core/words/draw-words'
import { lesionRows, lesionSlices, openEnds } from '../../core/words/lesion-words'
import { formatCount, formatPlain, formatPlural, TIMES } from '../../core/words/numbers'
import {
  besideTheClick,
  calibrationSentence,
  drawnNote,
  MOST_DRAW_NOTHING,
  readersOutside,
  type SizeRow,
  sizeRows,
  sizesNote,
} from '../../core/words/size-rows'
import type { CollectedRun } from '../figures/collect-run'
import { figureRow, NO_UNCERTAINTY } from '../figures/figure-words'
import type { ReportedTarget } from '../figures/infer-report'
import { researchUse } from '../version'
import type { PatientField } from './patient-fields'

export interface ReportRow {
  readonly label: string
  readonly value: string
  readonly interval: string
  /** What readers measure of the same, by letter. */
  readonly readers: string
}

export interface ReportContent {
  readonly title: string
  /** Null: left out, as it is unless somebody asks for it. */
  readonly patient: readonly PatientField[] | null
  /** The first line says which image it is. */
  readonly image: readonly string[]
  readonly presence: string
  readonly sizes: readonly {
    readonly title: string
    readonly note: string
    readonly rows: readonly ReportRow[]
  }[]
  /** Empty where nobody said what the nodule is made of. */
  readonly classes: readonly {
    readonly title: string
    readonly rows: readonly { readonly name: string; readonly figure: string }[]
  }[]
  readonly limits: readonly string[]
  readonly run: readonly { readonly name: string; readonly value: string }[]
  readonly researchUse: string
}

export interface ReportSource {
  readonly target: ReportedTarget
  /** The run of the slice that is pictured. */
  readonly key: CollectedRun
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
  /** Which image it is, as far as it may be said. */
  readonly imaged: ReportedImage | null
  readonly noduleKind: NoduleKind | null
  readonly patient: readonly PatientField[] | null
  /** The line that makes it again; null: none does. */
  readonly command: string | null
}

const rowOf = (row: SizeRow): ReportRow => ({
  ...figureRow(row),
  readers: row.marks
    .map(
      ({ letter, value }) =>
        `${letter} ${figureRow({ ...row, isAtLeast: false, distribution: { ...row.distribution, median: value } }).value}`,
    )
    .join(', '),
})

/** Which image it is, in words that tell it from another eye's and another patient's. */
function identityWords(image: ReportedImage | null): string | null {
  if (image === null) return null
  if (image.kind === 'series') return image.seriesUid === null ? null : `Series ${image.seriesUid}.`
  const named = image.name === null ? 'its file name is left out' : image.name
  return `Photograph: ${named}, ${eyeOf(image)}.`
}

function imageWords(source: ReportSource, report: LesionReport | null): readonly string[] {
  const { detail, image, imaged, key } = source
  const identity = identityWords(imaged)
  const first = identity === null ? [] : [identity]
  if (detail === null)
    return image === null
      ? first
      : [
          ...first,
          `${image.width} ${TIMES} ${image.height} pixels, no spacing known.` +
            (imaged?.kind === 'image' ? ` SHA-256 of its pixels: ${imaged.pixelsSha256}` : ''),
        ]
  const { modality, bodyPart, slices, rows, columns, spacingMm } = detail.summary
  const stack = countedStack(detail)
  const numberOf = (index: number): number => sliceNumber(stack, index)
  const spacing =
    spacingMm === null
      ? 'spacing not known: no millimetres'
      : `pixels of ${formatPlain(spacingMm.column)} ${TIMES} ${formatPlain(spacingMm.row)} mm`
  const step = spacingMm?.slice == null ? '' : `, slices ${formatPlain(spacingMm.slice)} mm apart`
  const own = (report?.slices ?? [])
    .filter(({ isInLesion }) => isInLesion)
    .map(({ sliceIndex }) => sliceIndex)
  const pictured =
    key.report.sliceIndex === null ? '' : `Pictured: slice ${formatCount(numberOf(key.report.sliceIndex))}.`
  return [
    ...first,
    `${modality} ${bodyPart.toLowerCase()}`.trim() +
      `, ${formatCount(slices)} slices of ${columns} ${TIMES} ${rows}, ${spacing}${step}.`,
    own.length === 0 ? pictured : `The lesion: ${lesionSlices(own, numberOf)}. ${pictured}`,
  ]
}

function sizesOf({ target, key, detail }: ReportSource): ReportContent['sizes'] {
  const sizedBy = kindOf({ kind: detail === null ? 'image' : 'series' }).sizedBy
  const ofSlice = sizeRows(key.report.sizes, key.report.agreement?.readers ?? [], sizedBy)
  const note = (rows: readonly SizeRow[]): string =>
    key.run.uncertainty === 'none'
      ? 'one outline, no interval'
      : sizesNote(rows[0]?.distribution.interval ?? 'none')
  const report = target.whole?.report
  const { plotted = [], listed = [] } = report === undefined ? {} : lesionRows(report)
  const whole = [...plotted, ...listed]
  return [
    ...(whole.length === 0 ? [] : [{ title: 'Whole lesion', note: note(whole), rows: whole.map(rowOf) }]),
    {
      title: detail === null ? 'Photograph' : 'On the pictured slice',
      note: note(ofSlice),
      rows: ofSlice.map(rowOf),
    },
  ]
}

const MEASURES = { meanDiameterMm: 'mean diameter', volumeMm3: 'volume' } as const

/** Not counted where most samples draw nothing: the others are no finding. */
function classesOf({ target, noduleKind }: ReportSource): ReportContent['classes'] {
  const report = target.whole?.report
  if (report === undefined || noduleKind === null || report.mostDrawNothing) return []
  return guidelineShares(report, noduleKind).map(({ guideline, measure, classes }) => ({
    title: `${guideline}, ${MEASURES[measure]}`,
    rows: classes.map(({ name, count }) => ({
      name,
      figure: `${formatCount(count)} of ${formatCount(report.drawnCount)}`,
    })),
  }))
}

/** What packages say of their scope and the report says in its own words. */
const SAID_ABOVE = /^Research use only/

function limitsOf(source: ReportSource): readonly string[] {
  const { key, target, detail, noduleKind } = source
  const report = target.whole?.report
  const isAlone = key.run.uncertainty === 'none'
  const numberOf =
    detail === null ? (index: number) => index : (index: number) => sliceNumber(countedStack(detail), index)
  const thick = noduleKind === null ? null : tooThick(report?.sliceThicknessMm ?? null)
  const warnings = [
    ...new Set(
      [...key.report.warnings, ...(report?.warnings ?? [])]
        .filter(({ code, text }) => !code.startsWith('lesion-') && !SAID_ABOVE.test(text))
        .map(({ text }) => text),
    ),
  ]
  return [
    isAlone
      ? NO_UNCERTAINTY
      : 'Spread is that of samples: how far readers like those of the training set would differ. It is not a probability of being right, and knows nothing of an unseen disease, a missed lesion or a wrong place.',
    ...(report === undefined
      ? []
      : [
          'Whole lesion: sample by sample the same draw on every slice (slices tied); these intervals are not calibrated.',
        ]),
    ...(key.report.calibration === undefined ? [] : [calibrationSentence(key.report.calibration)]),
    ...(noduleKind === null
      ? []
      : [
          'Classes are shares of samples after each guideline’s own rounding, of size alone; the kind of nodule was said by a person.',
        ]),
    ...(report === undefined ? [] : openEnds(report, numberOf)),
    ...aboutReaders(source),
    ...aboutPlace(source),
    ...(thick === null ? [] : [thick.text]),
    ...warnings,
  ]
}

/** Where most readers lie outside an interval: said whatever it covers over many lesions. */
function aboutReaders({ key, target, detail }: ReportSource): readonly string[] {
  const { sizedBy } = kindOf({ kind: detail === null ? 'image' : 'series' })
  const said = (rows: readonly SizeRow[]): readonly string[] =>
    rows.flatMap((row) => readersOutside(row) ?? [])
  return [
    ...(target.whole === undefined ? [] : said(lesionRows(target.whole.report).plotted)).map(
      (text) => `Whole lesion, ${text}`,
    ),
    ...said(sizeRows(key.report.sizes, key.report.agreement?.readers ?? [], sizedBy)),
  ]
}

/**
 * What the page says of the place that was clicked and of its slices: of a whole lesion the clicked slice may not be the
 * one that is pictured, and each slice has its own crop.
 */
function aboutPlace({ key, target }: ReportSource): readonly string[] {
  const { whole, runs } = target
  const clicked =
    whole === undefined ? key : runs.find(({ report }) => report.sliceIndex === whole.report.place.sliceIndex)
  const beside = clicked === undefined ? null : besideTheClick(clicked.report)
  const isCut = ({ report }: CollectedRun): boolean =>
    report.warnings.some(({ code }) => code === 'samples-cut-by-crop')
  const cut = runs.filter(isCut).length
  return [
    ...(beside === null ? [] : [beside]),
    ...(whole === undefined || cut === 0
      ? []
      : [
          `On ${formatCount(cut)} of ${formatPlural(runs.length, 'slice')} some samples reach the edge of the crop: what lies beyond is not counted.`,
        ]),
  ]
}

function runRows({ key, command }: ReportSource): ReportContent['run'] {
  const { model, modelVersion, modelSha256, samples, seed, draws, device, version, uncertainty } = key.run
  return [
    { name: 'Model', value: `${model} ${modelVersion}` },
    { name: 'SHA-256', value: modelSha256 },
    {
      name: 'Drawn',
      value:
        uncertainty === 'none'
          ? `one outline, on ${device.used}`
          : `${formatCount(samples)} samples, ${drawWords(draws)}, seed ${seed}, on ${device.used}`,
    },
    { name: 'Program', value: `Margin ${version}` },
    {
      name: 'Again',
      value: command ?? 'No command finds this picture again: it was sent by a browser or made here.',
    },
  ]
}

export function reportContent(source: ReportSource): ReportContent {
  const { target, key, noduleKind } = source
  const report = target.whole?.report
  const counts = { ...(report ?? key.report), placeCount: null }
  const kind = noduleKind === null ? '' : ` Nodule said to be ${noduleKind}.`
  const presence =
    key.run.uncertainty === 'none'
      ? ''
      : `${drawnNote(counts)}.${counts.mostDrawNothing ? ` ${MOST_DRAW_NOTHING}: sizes are of those alone.` : ''}`
  return {
    title: target.label,
    patient: source.patient,
    image: imageWords(source, report ?? null),
    presence: `${presence}${kind}`.trim(),
    sizes: sizesOf(source),
    classes: classesOf(source),
    limits: limitsOf(source),
    run: runRows(source),
    researchUse,
  }
}
