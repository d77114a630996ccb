/** The built-in CT case as files: a real DICOM series and the reading file of its four simulated readers. */
import { writeCtImage, type CtSeries } from '../dicom/write/ct-image'
import { derivedUid } from '../dicom/write/derived-uid'
import type { LidcFile, OutlinedNodule } from '../lidc/lidc-file'
import { traceEdgeMaps } from '../lidc/trace-edge-map'
import { writeLidcFile } from '../lidc/write-lidc-file'
import { CHEST, chestSlices } from './chest-volume'
import { simulatedReaders } from './simulated-readers'

/** Changes whenever the files of the case do, so that an older copy on disk is made anew. */
export const CHEST_CASE_VERSION = 1

export interface CaseFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const uid = (name: string): string => derivedUid(`margin phantom ${CHEST_CASE_VERSION} ${name}`)

export const CHEST_SERIES_UID = uid('series')
const CHEST_READINGS_NAME = 'readings.xml'
const STUDY_UID = uid('study')

const SERIES: CtSeries = {
  patientName: 'Phantom^Margin',
  patientId: 'MARGIN-PHANTOM',
  patientComments: 'Drawn by a program. No patient.',
  studyUid: STUDY_UID,
  seriesUid: CHEST_SERIES_UID,
  frameOfReferenceUid: uid('frame of reference'),
  studyDescription: 'CT chest, phantom',
  seriesDescription: 'Axial, phantom with a part-solid nodule',
  bodyPart: 'CHEST',
  manufacturer: 'Margin',
  model: 'Phantom',
  kernel: 'STANDARD',
  date: '20200101',
  rows: CHEST.sizePx,
  columns: CHEST.sizePx,
  pixelSpacingMm: { row: CHEST.pixelSpacingMm, column: CHEST.pixelSpacingMm },
  sliceThicknessMm: CHEST.sliceStepMm,
  rescaleIntercept: -1024,
  paddingHu: CHEST.paddingHu,
  window: { centreHu: -600, widthHu: 1500 },
}

const sopUid = (slice: number): string => uid(`slice ${slice}`)
const zMm = (slice: number): number => CHEST.firstPositionMm[2] + slice * CHEST.sliceStepMm

/**
 * The DICOM files, numbered from the head as scanners do, so that file names run against the slice order. A null
 * between them is a place to let others work.
 */
export function* chestDicomFiles(): Generator<CaseFile | null, void> {
  const [x, y] = CHEST.firstPositionMm
  let slice = 0
  for (const valuesHu of chestSlices()) {
    if (valuesHu === null) {
      yield null
      continue
    }
    const instanceNumber = CHEST.sliceCount - slice
    yield {
      name: `CT-${String(instanceNumber).padStart(4, '0')}.dcm`,
      bytes: writeCtImage(SERIES, {
        sopInstanceUid: sopUid(slice),
        instanceNumber,
        positionMm: [x, y, zMm(slice)],
        valuesHu,
      }),
    }
    slice += 1
  }
}

/** The readings as the LIDC file that `chestReadingFile` writes. */
function chestReadings(): LidcFile {
  return {
    seriesUid: CHEST_SERIES_UID,
    studyUid: STUDY_UID,
    sessions: simulatedReaders().map((masks, index) => {
      const edgeMaps = [...masks].flatMap(([slice, mask]) =>
        traceEdgeMaps(mask).map((points) => ({
          sopInstanceUid: sopUid(slice),
          zMm: zMm(slice),
          inclusion: true,
          points,
        })),
      )
      const nodule: OutlinedNodule = { noduleId: `Nodule ${index + 1}`, characteristics: null, edgeMaps }
      return {
        radiologist: `simulated reader ${index + 1}`,
        nodules: edgeMaps.length === 0 ? [] : [nodule],
        smallMarkCount: 0,
        smallMarks: [],
        nonNoduleCount: 0,
      }
    }),
  }
}

/** The LIDC reading file of the four simulated readers. */
export function chestReadingFile(): CaseFile {
  return { name: CHEST_READINGS_NAME, bytes: new TextEncoder().encode(writeLidcFile(chestReadings())) }
}
