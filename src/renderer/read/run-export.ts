import type { NoduleKind, RunExportFormat, RunExportRequest, SendRequest } from '../../contract'
import type { SubjectKind } from '../../core/subject/subject-kinds'
import type { LesionSnapshot } from '../run/lesion/lesion-snapshot'
import type { RunSnapshot } from '../run/run-snapshot'

interface FormatOption {
  readonly key: RunExportFormat
  readonly text: string
  /** Of series alone: photographs lie nowhere in a patient. */
  readonly series: boolean
}

const FORMATS: readonly FormatOption[] = [
  { key: 'pdf', text: 'Report, one page (PDF)', series: false },
  { key: 'png', text: 'Figure (PNG)', series: false },
  { key: 'svg', text: 'Figure (SVG)', series: false },
  { key: 'csv', text: 'All figures as tables (CSV)', series: false },
  { key: 'json', text: 'All figures (JSON)', series: false },
  { key: 'seg', text: 'DICOM SEG: median and bands', series: true },
  { key: 'seg-samples', text: 'DICOM SEG: every sample', series: true },
  { key: 'seg-share', text: 'DICOM SEG: share of samples', series: true },
  { key: 'variance', text: 'DICOM map of the variance', series: true },
  { key: 'sr', text: 'DICOM SR: sizes with intervals', series: true },
  { key: 'rtstruct', text: 'DICOM RTSTRUCT', series: true },
  { key: 'nifti', text: 'NIfTI: median', series: true },
]

/** What a picture of this kind can go out as. */
export const formatsFor = ({ hasSlices }: SubjectKind): readonly FormatOption[] =>
  FORMATS.filter(({ series }) => hasSlices || !series)

/** What goes out of the run that is shown: the whole lesion where it was followed to its end. */
export interface ExportAsked {
  readonly run: RunSnapshot
  readonly lesion: LesionSnapshot | null
  readonly noduleKind: NoduleKind | null
  readonly formats: readonly RunExportFormat[]
  readonly patientFields: boolean
}

const followed = ({ lesion }: ExportAsked): LesionSnapshot | null =>
  lesion?.phase === 'done' ? lesion : null

export function exportRequest(asked: ExportAsked): RunExportRequest {
  const lesion = followed(asked)
  return {
    run: lesion?.request ?? asked.run.request,
    wholeLesion: lesion !== null,
    noduleKind: lesion === null ? null : asked.noduleKind,
    formats: [...asked.formats],
    patientFields: asked.patientFields,
  }
}

/** Formats whose files are DICOM objects. */
const IN_DICOM: ReadonlySet<RunExportFormat> = new Set([
  'seg',
  'seg-samples',
  'seg-share',
  'variance',
  'sr',
  'rtstruct',
])

/** What of it an archive takes; null: nothing of what is chosen. */
export function sendRequest(asked: ExportAsked): SendRequest | null {
  const formats = asked.formats.filter((format) => IN_DICOM.has(format))
  return formats.length === 0 ? null : { kind: 'run', request: exportRequest({ ...asked, formats }) }
}

/** The line that writes the same files; null: what it was drawn on was sent by the browser or made here. `command` makes the run of the place. */
export function exportCommand(asked: ExportAsked, command: string | null): string | null {
  if (command === null) return null
  const whole = followed(asked) === null ? [] : ['--whole-lesion']
  const kind = asked.noduleKind === null || whole.length === 0 ? [] : ['--nodule', asked.noduleKind]
  const patient = asked.patientFields ? ['--patient-fields'] : []
  return [
    command,
    ...whole,
    ...kind,
    '--export',
    asked.formats.join(','),
    ...patient,
    '--out',
    'margin-export',
  ].join(' ')
}
