/**
 * DICOM Structured Report of what a person measured: TID 1500 Measurement Report, one group a measurement, in a
 * Comprehensive 3D SR. Every figure stands with the line or the region that it was taken from.
 */
import { accept, refuse, type Result } from '../../../contract'
import { derivedUid } from '../../dicom/write/derived-uid'
import { type DataSet, writeDicom } from '../../dicom/write/write-dicom'
import { MARGIN_CODES } from '../drawn/codes'
import { codeItem, contained, container, linesOfItems, linesOfTree } from '../drawn/content-tree'
import {
  coded,
  copied,
  elementText,
  EMPTY_IF_ABSENT,
  type ExportSource,
  type ExportStamp,
  PATIENT_AND_STUDY,
  personName,
  sharedFor,
  sourceDate,
  sourceTime,
} from '../derived-object'
import type { Code } from '../exchange-reading'
import { dcm, groupOf, type MeasuredOut } from './measurement-groups'

const REPORT_STORAGE = '1.2.840.10008.5.1.4.1.1.88.34'
const PERSON = dcm('121006', 'Person')
const ENGLISH: Code = { value: 'en-US', scheme: 'RFC5646', meaning: 'English (United States)' }
const PROCEDURE: Code = { value: '363679005', scheme: 'SCT', meaning: 'Imaging procedure' }

/** A report lies in no frame of reference of its own. */
const NOT_OF_REPORTS: DataSet = { FrameOfReferenceUID: '', PositionReferenceIndicator: '' }
const ofReports = (elements: DataSet): DataSet =>
  Object.fromEntries(Object.entries(elements).filter(([keyword]) => !(keyword in NOT_OF_REPORTS)))

const treeOf = (measured: readonly MeasuredOut[], observer: string): DataSet =>
  container(
    dcm('126000', 'Imaging Measurement Report'),
    [
      codeItem('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), ENGLISH),
      codeItem('HAS OBS CONTEXT', dcm('121005', 'Observer Type'), PERSON),
      {
        RelationshipType: 'HAS OBS CONTEXT',
        ValueType: 'PNAME',
        ConceptNameCodeSequence: coded(dcm('121008', 'Person Observer Name')),
        PersonName: personName(observer),
      },
      codeItem('HAS CONCEPT MOD', dcm('121058', 'Procedure reported'), PROCEDURE),
      contained(
        'CONTAINS',
        container(
          dcm('126010', 'Imaging Measurements'),
          measured.map((one) => contained('CONTAINS', groupOf(one))),
        ),
      ),
    ],
    '1500',
  )

/** Every instance that is measured on, once. */
function evidenceOf(measured: readonly MeasuredOut[], { target }: ExportSource): DataSet {
  const slices = new Map(measured.map(({ slice }) => [slice.sopInstanceUid, slice]))
  return {
    CurrentRequestedProcedureEvidenceSequence: [
      {
        StudyInstanceUID: target.studyUid,
        ReferencedSeriesSequence: [
          {
            SeriesInstanceUID: target.seriesUid,
            ReferencedSOPSequence: [...slices.values()].map(({ sopClassUid, sopInstanceUid }) => ({
              ReferencedSOPClassUID: sopClassUid,
              ReferencedSOPInstanceUID: sopInstanceUid,
            })),
          },
        ],
      },
    ],
  }
}

/** Writes the report, reads it back and compares every item. Refused: nothing was measured; `internal` where they differ. */
export function measurementsReport(
  measured: readonly MeasuredOut[],
  observer: string,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  if (measured.length === 0) return refuse('request-invalid', 'Nothing was measured here.')
  const shared = sharedFor(source.shared, [observer, ...measured.map(({ measurement }) => measurement.name)])
  if (!shared.ok) return shared
  const tree = treeOf(measured, observer)
  const key = `measurements ${stamp.key}`
  const [date, time] = [sourceDate(shared.value), sourceTime(shared.value)]
  const bytes = writeDicom({
    ...ofReports({ ...EMPTY_IF_ABSENT, ...copied(shared.value, PATIENT_AND_STUDY) }),
    ...evidenceOf(measured, source),
    ...tree,
    ...MARGIN_CODES,
    ...{ SOPClassUID: REPORT_STORAGE, SOPInstanceUID: derivedUid(key), Modality: 'SR' },
    ...{
      SeriesInstanceUID: derivedUid(`${key} series`),
      SeriesNumber: stamp.seriesNumber,
      InstanceNumber: 1,
    },
    SeriesDescription: elementText(`Margin: measurements by ${observer}`, 64),
    ...{ SeriesDate: date, SeriesTime: time, ContentDate: date, ContentTime: time },
    ...{ Manufacturer: 'Margin', ManufacturerModelName: 'Margin', DeviceSerialNumber: '0' },
    SoftwareVersions: stamp.softwareVersion,
    ...{ CompletionFlag: 'COMPLETE', VerificationFlag: 'UNVERIFIED', PreliminaryFlag: 'PRELIMINARY' },
    ...{ ReferencedPerformedProcedureStepSequence: [], PerformedProcedureCodeSequence: [] },
  })
  const read = linesOfTree(bytes)
  if (!read.ok) return read
  return read.value.join('\n') === linesOfItems(tree).join('\n')
    ? accept(bytes)
    : refuse('internal', 'The report reads back with other items than were written.')
}
