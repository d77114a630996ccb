/** A lesion that was drawn by a model, as files of the field: each read back and compared before it is handed on. */
import { accept, refuse, type Result, type RunObjectFormat } from '../../../contract'
import type { Inflate } from '../../files/inflate'
import type { NamedFile } from '../../files/named-file'
import type { ExportSource, ExportStamp } from '../derived-object'
import type { ExchangeReading } from '../exchange-reading'
import { type ImageTarget, requireUids, type SeriesTarget } from '../image-target'
import { writeNifti } from '../nifti/nifti-readings'
import { writeStructureSet } from '../rtstruct/write-structure-set'
import { type DrawnLesion, placed, type Surface, surfacesOf, withRun } from './drawn-lesion'
import { measurementReport, type ReportedFigures } from './measurement-report'
import { varianceMap } from './parametric-map'
import { sampleSegmentation, shareSegmentation } from './sampled-segmentation'
import { surfaceSegmentations } from './surface-segmentations'

export interface DrawnExport {
  readonly lesion: DrawnLesion
  readonly figures: ReportedFigures
  readonly formats: readonly RunObjectFormat[]
  readonly target: ImageTarget
  /** Headers of the source's files; null: they were not found. */
  readonly source: ExportSource | null
  readonly stamp: ExportStamp
}

/** Files of one format. */
type Files = Result<readonly NamedFile[]>

interface Ready extends DrawnExport {
  readonly series: SeriesTarget
  readonly inflate: Inflate
}

const one = (path: string, bytes: Result<Uint8Array>): Files =>
  bytes.ok ? accept([{ path, bytes: bytes.value }]) : bytes

const WRITERS: Readonly<Record<RunObjectFormat, (of: Ready & { readonly source: ExportSource }) => Files>> = {
  seg: (of) => segFiles(of, () => true),
  'seg-samples': ({ lesion, source, stamp }) =>
    one(`seg/${lesion.id}-samples.dcm`, sampleSegmentation(lesion, source, stamp)),
  'seg-share': ({ lesion, source, stamp }) =>
    one(`seg/${lesion.id}-share.dcm`, shareSegmentation(lesion, source, stamp)),
  variance: ({ lesion, source, stamp }) =>
    one(`maps/${lesion.id}-variance.dcm`, varianceMap(lesion, source, stamp)),
  sr: srFiles,
  rtstruct: ({ lesion, source, stamp }) =>
    one(`rtstruct/${lesion.id}.dcm`, writeStructureSet(asReading(lesion, surfacesOf(lesion)), source, stamp)),
  nifti: ({ lesion, series, inflate }) =>
    one(
      `nifti/${lesion.id}-median.nii.gz`,
      writeNifti(asReading(lesion, surfacesOf(lesion).slice(0, 1)), series, inflate),
    ),
}

/** The report, and the object with the median that it refers to. */
function srFiles(of: Ready & { readonly source: ExportSource }): Files {
  const { lesion, figures, source, stamp } = of
  const [median] = surfacesOf(lesion)
  const segment = segFiles(of, ({ name }) => name === median?.name)
  if (!segment.ok) return segment
  const report = one(`sr/${lesion.id}.dcm`, measurementReport(lesion, figures, source, stamp))
  return report.ok ? accept([...segment.value, ...report.value]) : report
}

/** The median has to mark something; a band that marks nothing beside it is left out. */
function segFiles(
  { lesion, source, stamp }: Ready & { readonly source: ExportSource },
  isWanted: (surface: Surface) => boolean,
): Files {
  const files: NamedFile[] = []
  for (const { surface, bytes } of surfaceSegmentations(lesion, source, stamp)) {
    if (!isWanted(surface)) continue
    if (!bytes.ok) return bytes
    files.push({ path: `seg/${lesion.id}-${surface.name}.dcm`, bytes: bytes.value })
  }
  return accept(files)
}

/** Surfaces as the structures of a reading by the program: for formats that hold outlines alone. */
function asReading(lesion: DrawnLesion, surfaces: readonly Surface[]): ExchangeReading {
  const { run } = lesion
  return {
    reader: `Margin, ${run.model} ${run.modelVersion}`,
    facts: {},
    structures: surfaces.map((surface, at) => ({
      ordinal: at + 1,
      label: `${lesion.label}: ${surface.label}`,
      ...{ category: null, type: null, colour: null },
      facts: { description: withRun(surface.description, lesion), algorithmType: 'SEMIAUTOMATIC' },
      slices: lesion.slices.flatMap((slice) => {
        const pixels = surface.maskOn(slice)
        return pixels?.includes(1) === true
          ? [{ sliceIndex: slice.sliceIndex, mask: placed(slice, pixels), fraction: null }]
          : []
      }),
    })),
  }
}

const NAMES: Readonly<Record<RunObjectFormat, string>> = {
  seg: 'DICOM SEG',
  'seg-samples': 'DICOM SEG of all samples',
  'seg-share': 'DICOM SEG of shares',
  variance: 'the parametric map',
  sr: 'DICOM SR',
  rtstruct: 'RTSTRUCT',
  nifti: 'NIfTI',
}

/** A format as words name it. */
export const formatName = (format: RunObjectFormat): string => NAMES[format]

const without = (format: RunObjectFormat, answer: Extract<Files, { readonly ok: false }>): Files => {
  const { reason, next } = answer.refusal
  const way = `Nothing was exported. Export without ${NAMES[format]}.`
  return {
    ok: false,
    refusal: {
      ...answer.refusal,
      reason: `${NAMES[format]}: ${reason}`.replace(/^t/, 'T'),
      next: next === undefined || next.startsWith('Use the masks as PNG') ? way : next,
    },
  }
}

/**
 * The files of these formats, or the first refusal, which names its format: an export goes out whole or not at all.
 * Refused: photographs, samples that draw nothing, and what the format cannot hold.
 */
export function writeDrawn(asked: DrawnExport, inflate: Inflate): Files {
  const { target, source, formats, lesion } = asked
  const files = new Map<string, NamedFile>()
  for (const format of formats) {
    if (target.kind !== 'series')
      return without(
        format,
        refuse('annotation-unsupported', 'it is of a DICOM series, not of a photograph.'),
      )
    if (!lesion.slices.some(({ samples }) => samples.some((sample) => sample.includes(1))))
      return without(
        format,
        refuse('annotation-unsupported', 'no sample draws anything here, so that there is nothing to mark.'),
      )
    const named = requireUids(target)
    if (!named.ok) return without(format, named)
    if (source === null)
      return without(format, refuse('not-found', 'the source files of the series were not found.'))
    const written = WRITERS[format]({ ...asked, source, series: source.target, inflate })
    if (!written.ok) return without(format, written)
    for (const file of written.value) files.set(file.path, file)
  }
  return accept([...files.values()])
}
