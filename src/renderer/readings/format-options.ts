import type { ExportFormat } from '../../contract'

/** Formats that readings go out in; `series`: of series alone. */
export const formatOptions: readonly {
  readonly value: ExportFormat
  readonly text: string
  readonly series: boolean
}[] = [
  { value: 'seg', text: 'DICOM SEG, one a reader', series: true },
  { value: 'rtstruct', text: 'DICOM RTSTRUCT', series: true },
  { value: 'nifti', text: 'NIfTI masks', series: true },
  { value: 'lidc-xml', text: 'LIDC XML', series: true },
  { value: 'png', text: 'PNG masks', series: false },
  { value: 'coco', text: 'COCO', series: false },
  { value: 'bundle', text: 'Evidence bundle', series: false },
]
