/** What a report says of the patient, where a person asked for it. */
import type { SeriesDetail } from '../../contract'
import { TAG } from '../../core/dicom/elements'
import { ascii, textReader } from '../../core/dicom/text'
import { formatDicomDate } from '../../core/words/numbers'
import type { LibraryService } from '../library/library-service'

export interface PatientField {
  readonly name: string
  readonly value: string
}

const FIELDS = [
  ['Name', TAG.PatientName],
  ['Number', TAG.PatientID],
  ['Born', TAG.PatientBirthDate],
  ['Sex', TAG.PatientSex],
  ['Study', TAG.StudyDate],
  ['Accession', TAG.AccessionNumber],
] as const
const DATES: ReadonlySet<number> = new Set([TAG.PatientBirthDate, TAG.StudyDate])

/** Fields of the source's file that are not empty; none where the file is gone. */
export async function patientFieldsOf(
  library: LibraryService,
  { summary }: SeriesDetail,
): Promise<readonly PatientField[]> {
  const tags = [TAG.SpecificCharacterSet, ...FIELDS.map(([, tag]) => tag)]
  const read = await library.sliceElements(summary.seriesUid, 0, tags)
  if (!read.ok) return []
  const sets = ascii(read.value.get(TAG.SpecificCharacterSet) ?? new Uint8Array(0)).split('\\')
  const reader = textReader(sets.map((set) => set.trim()))
  return FIELDS.flatMap(([name, tag]) => {
    const text = reader
      .decode(read.value.get(tag) ?? new Uint8Array(0))
      .replaceAll('^', ' ')
      .trim()
    const value = DATES.has(tag) ? formatDicomDate(text) : text
    return value === '' ? [] : [{ name, value }]
  })
}
