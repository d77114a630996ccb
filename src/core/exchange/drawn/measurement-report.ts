/**
 * DICOM Structured Report of the sizes of one lesion: TID 1500 Measurement Report with one group of TID 1411
 * (volumetric region, referenced by its segment), in a Comprehensive 3D SR. The value of a measurement is the median
 * over samples; both ends of its interval stand below it, so that no reader takes the median for the answer.
 */
import { accept, refuse, type Result } from '../../../contract'
import { derivedUid } from '../../dicom/write/derived-uid'
import { type DataSet, writeDicom } from '../../dicom/write/write-dicom'
import type { SizeRow } from '../../words/size-rows'
import {
  copied,
  elementText,
  EMPTY_IF_ABSENT,
  type ExportSource,
  type ExportStamp,
  PATIENT_AND_STUDY,
  referenceTo,
  sharedFor,
  sourceDate,
  type SourceElements,
  sourceTime,
} from '../derived-object'
import type { Code } from '../exchange-reading'
import { LUNG, NODULE } from '../seg/segmentation'
import { SEGMENTATION_STORAGE } from '../seg/segment-object'
import { MARGIN_CODES, marginCode, UCUM_NO_UNITS, UCUM_UNITS } from './codes'
import {
  codeItem,
  contained,
  container,
  imageItem,
  linesOfItems,
  linesOfTree,
  numberItem,
  textItem,
  uidItem,
} from './content-tree'
import { type DrawnLesion, surfacesOf, withRun } from './drawn-lesion'
import { surfaceUids } from './surface-segmentations'

const REPORT_STORAGE = '1.2.840.10008.5.1.4.1.1.88.34'
const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning })
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning })

/** What a size is, and how it was measured where its code leaves that open. */
interface MeasureCode {
  readonly concept: Code
  readonly method?: Code
}

const MEASURES: Readonly<Record<string, MeasureCode>> = {
  volumeMm3: {
    concept: sct('118565006', 'Volume'),
    method: marginCode('median-samples', 'Median of volumes of samples, not the volume of the segment'),
  },
  meanDiameterMm: {
    concept: sct('81827009', 'Diameter'),
    method: marginCode('mean-of-axes', 'Mean of long and short axis where it is largest'),
  },
  longAxisMm: { concept: sct('103339001', 'Long Axis') },
  shortAxisMm: { concept: sct('103340004', 'Short Axis') },
  longestDiameterMm: { concept: marginCode('longest-diameter', 'Longest diameter between outlines') },
  equivalentDiameterMm: {
    concept: sct('81827009', 'Diameter'),
    method: marginCode('equal-circle', 'Diameter of the circle of the same area'),
  },
  areaMm2: { concept: sct('42798000', 'Area') },
  meanHu: {
    concept: dcm('112031', 'Attenuation Coefficient'),
    method: marginCode('mean-inside', 'Mean of the values inside'),
  },
}

const INTERVAL_NAMES = {
  'central-95': ['of the middle 95 % of samples', '95'],
  'calibrated-95': ['of the calibrated 95 % interval', '95-cal'],
  range: ['of the range of samples', 'range'],
} as const

/** Shares of samples by the classes of one guideline. */
export interface ClassFigures {
  readonly guideline: string
  readonly measure: string
  readonly classes: readonly { readonly name: string; readonly count: number }[]
}

export interface ReportedFigures {
  readonly rows: readonly Pick<SizeRow, 'key' | 'label' | 'unit' | 'distribution' | 'isAtLeast'>[]
  readonly drawnCount: number
  /** Only where the kind of nodule was said. */
  readonly kind: string | null
  readonly classes: readonly ClassFigures[]
}

function measurement({
  key,
  unit,
  distribution,
  isAtLeast = false,
}: ReportedFigures['rows'][number]): readonly DataSet[] {
  const measure = MEASURES[key]
  const unitCode =
    unit === 'mm' || unit === 'mm²' || unit === 'mm³' || unit === 'HU' ? UCUM_UNITS[unit] : null
  const { median, low95, high95, interval } = distribution
  if (measure === undefined || unitCode === null || median === null) return []
  const ends = (): readonly DataSet[] => {
    if (low95 === null || high95 === null || interval === 'none') return []
    const [words, name] = INTERVAL_NAMES[interval]
    return [
      numberItem('HAS PROPERTIES', marginCode(`low-${name}`, `Lower end ${words}`), {
        value: low95,
        unit: unitCode,
      }),
      ...(isAtLeast
        ? []
        : [
            numberItem('HAS PROPERTIES', marginCode(`high-${name}`, `Upper end ${words}`), {
              value: high95,
              unit: unitCode,
            }),
          ]),
    ]
  }
  return [
    numberItem('CONTAINS', measure.concept, { value: median, unit: unitCode }, [
      ...(measure.method === undefined
        ? []
        : [codeItem('HAS CONCEPT MOD', sct('370129005', 'Measurement Method'), measure.method)]),
      codeItem('HAS CONCEPT MOD', dcm('121401', 'Derivation'), sct('373099004', 'Median')),
      ...ends(),
    ]),
  ]
}

/** Short names in codes, which take 16 characters. */
const SHORT: Readonly<Record<string, string>> = {
  'Fleischner 2017': 'fl17',
  'Lung-RADS v2022': 'lr22',
  'mean diameter': 'mm',
  volume: 'mm3',
}

/** The class that most samples fall into, and all classes with their counts. Shares of samples, never chances. */
function classItems({ kind, classes, drawnCount }: ReportedFigures): readonly DataSet[] {
  if (kind === null) return []
  const counted = classes.flatMap(({ guideline, measure, classes: of }): readonly DataSet[] => {
    const name = `${SHORT[guideline] ?? 'other'}-${SHORT[measure] ?? 'other'}`
    const most = of.reduce((best, { count }, at) => (count > (of[best]?.count ?? 0) ? at : best), 0)
    const shares = of.map((one) => `${one.name}: ${one.count} of ${drawnCount}`).join('; ')
    const about = (what: string): string => elementText(`${what}, ${guideline}, ${measure}`, LONGEST_MEANING)
    return [
      ...((of[most]?.count ?? 0) === 0
        ? []
        : [
            codeItem(
              'CONTAINS',
              marginCode(`${name}-class`, about('Class of most samples')),
              marginCode(`${name}-${most + 1}`, elementText(of[most]?.name ?? '', LONGEST_MEANING)),
            ),
          ]),
      textItem('CONTAINS', marginCode(`${name}-all`, about('Samples by class')), shares),
    ]
  })
  return [codeItem('CONTAINS', NODULE_KIND, marginCode(kind, kind)), ...counted]
}

const LONGEST_MEANING = 64
const NODULE_KIND = marginCode('nodule-kind', 'Kind of nodule, said by a person')

/** The surface whose object the report refers to. */
const referredSurface = (lesion: DrawnLesion) => surfacesOf(lesion)[0]

function groupOf(
  lesion: DrawnLesion,
  figures: ReportedFigures,
  { target }: ExportSource,
  stamp: ExportStamp,
): DataSet {
  const surface = referredSurface(lesion)
  const uids = surface === undefined ? null : surfaceUids(stamp, surface)
  const count = { value: figures.drawnCount, unit: UCUM_NO_UNITS }
  return container(
    dcm('125007', 'Measurement Group'),
    [
      textItem(
        'HAS OBS CONTEXT',
        dcm('112039', 'Tracking Identifier'),
        `${lesion.id} ${surface?.name ?? ''}`.trim(),
      ),
      uidItem('HAS OBS CONTEXT', dcm('112040', 'Tracking Unique Identifier'), uids?.trackingUid ?? ''),
      codeItem('CONTAINS', dcm('121071', 'Finding'), NODULE),
      codeItem('HAS CONCEPT MOD', sct('363698007', 'Finding Site'), LUNG),
      imageItem(dcm('121191', 'Referenced Segment'), {
        ReferencedSOPClassUID: SEGMENTATION_STORAGE,
        ReferencedSOPInstanceUID: uids?.sopInstanceUid ?? '',
        ReferencedSegmentNumber: 1,
      }),
      uidItem('CONTAINS', dcm('121232', 'Source series for segmentation'), target.seriesUid),
      ...figures.rows.flatMap(measurement),
      numberItem('CONTAINS', marginCode('samples-drawn', 'Samples that draw some of it'), count),
      textItem(
        'CONTAINS',
        marginCode('run', 'How it was drawn'),
        withRun(
          'Each sample was measured by itself, and values are medians over samples: they are not measured on the referenced segment, which is the median outline of each slice.',
          lesion,
        ),
      ),
      ...classItems(figures),
    ],
    '1411',
  )
}

function treeOf(
  lesion: DrawnLesion,
  figures: ReportedFigures,
  source: ExportSource,
  stamp: ExportStamp,
): DataSet {
  const device = dcm('121007', 'Device')
  return container(
    dcm('126000', 'Imaging Measurement Report'),
    [
      codeItem('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), {
        value: 'en-US',
        scheme: 'RFC5646',
        meaning: 'English (United States)',
      }),
      codeItem('HAS OBS CONTEXT', dcm('121005', 'Observer Type'), device),
      uidItem(
        'HAS OBS CONTEXT',
        dcm('121012', 'Device Observer UID'),
        derivedUid(`margin ${lesion.run.modelSha256}`),
      ),
      textItem('HAS OBS CONTEXT', dcm('121013', 'Device Observer Name'), 'Margin'),
      textItem('HAS OBS CONTEXT', dcm('121014', 'Device Observer Manufacturer'), 'Margin'),
      textItem(
        'HAS OBS CONTEXT',
        dcm('121015', 'Device Observer Model Name'),
        `${lesion.run.model} ${lesion.run.modelVersion}`,
      ),
      codeItem(
        'HAS CONCEPT MOD',
        dcm('121058', 'Procedure reported'),
        sct('77477000', 'Computed Tomography'),
      ),
      contained('CONTAINS', container(dcm('111028', 'Image Library'), [libraryOf(source)], '1600')),
      contained(
        'CONTAINS',
        container(dcm('126010', 'Imaging Measurements'), [
          contained('CONTAINS', groupOf(lesion, figures, source, stamp)),
        ]),
      ),
    ],
    '1500',
  )
}

/** The slices that were drawn on. */
const libraryOf = ({ slices }: ExportSource): DataSet =>
  contained(
    'CONTAINS',
    container(
      dcm('126200', 'Image Library Group'),
      [...slices.values()].map((slice) => ({
        RelationshipType: 'CONTAINS',
        ValueType: 'IMAGE',
        ReferencedSOPSequence: [referenceTo(slice)],
      })),
    ),
  )

/** All that the report refers to, by series. */
function evidenceOf(lesion: DrawnLesion, source: ExportSource, stamp: ExportStamp): DataSet {
  const surface = referredSurface(lesion)
  const uids = surface === undefined ? null : surfaceUids(stamp, surface)
  const series = (seriesUid: string, references: readonly DataSet[]): DataSet => ({
    SeriesInstanceUID: seriesUid,
    ReferencedSOPSequence: references,
  })
  return {
    CurrentRequestedProcedureEvidenceSequence: [
      {
        StudyInstanceUID: source.target.studyUid,
        ReferencedSeriesSequence: [
          series(source.target.seriesUid, [...source.slices.values()].map(referenceTo)),
          series(uids?.seriesUid ?? '', [
            {
              ReferencedSOPClassUID: SEGMENTATION_STORAGE,
              ReferencedSOPInstanceUID: uids?.sopInstanceUid ?? '',
            },
          ]),
        ],
      },
    ],
  }
}

function headOf(lesion: DrawnLesion, shared: SourceElements, stamp: ExportStamp) {
  const key = `sr ${stamp.key}`
  const [date, time] = [sourceDate(shared), sourceTime(shared)]
  return {
    SOPClassUID: REPORT_STORAGE,
    SOPInstanceUID: derivedUid(key),
    Modality: 'SR',
    SeriesInstanceUID: derivedUid(`${key} series`),
    SeriesNumber: stamp.seriesNumber + 2,
    SeriesDescription: elementText(`Margin ${lesion.label}: sizes with intervals`, LONGEST_MEANING),
    SeriesDate: date,
    SeriesTime: time,
    Manufacturer: 'Margin',
    ManufacturerModelName: 'Margin',
    DeviceSerialNumber: '0',
    SoftwareVersions: stamp.softwareVersion,
    InstanceNumber: 1,
    ContentDate: date,
    ContentTime: time,
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    PreliminaryFlag: 'PRELIMINARY',
    ReferencedPerformedProcedureStepSequence: [],
    PerformedProcedureCodeSequence: [],
  }
}

/**
 * Writes the report of a lesion whose median was written as a segmentation (surface-segmentations.ts), reads it back
 * and compares every item. Refused: a lesion without any size in millimetres, and `internal` when what is read differs.
 */
export function measurementReport(
  lesion: DrawnLesion,
  figures: ReportedFigures,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  if (figures.rows.every((row) => measurement(row).length === 0))
    return refuse('annotation-unsupported', 'There is no size in millimetres to report.', {
      next: 'Use the CSV or JSON.',
    })
  const tree = treeOf(lesion, figures, source, stamp)
  const texts = [
    lesion.label,
    lesion.id,
    ...figures.classes.flatMap(({ classes }) => classes.map(({ name }) => name)),
  ]
  const shared = sharedFor(source.shared, texts)
  if (!shared.ok) return shared
  const bytes = writeDicom({
    ...EMPTY_IF_ABSENT,
    ...copied(
      shared.value,
      PATIENT_AND_STUDY.filter((keyword) => !NOT_OF_REPORTS.has(keyword)),
    ),
    ...MARGIN_CODES,
    ...evidenceOf(lesion, source, stamp),
    ...tree,
    ...headOf(lesion, shared.value, stamp),
  })
  const written = linesOfItems(tree)
  const read = linesOfTree(bytes)
  if (!read.ok) return read
  const differing = read.value.findIndex((line, at) => line !== written[at])
  return differing < 0 && read.value.length === written.length
    ? accept(bytes)
    : refuse(
        'internal',
        `The report did not read back as it was written: "${read.value[differing] ?? 'items are missing'}".`,
      )
}

/** A report lies in no frame of reference of its own. */
const NOT_OF_REPORTS: ReadonlySet<string> = new Set(['FrameOfReferenceUID', 'PositionReferenceIndicator'])
