/** Readings out, in any of the formats: one file (or folder of masks) a reader, each read back and compared before. */
import { accept, refuse, type Result } from '../../contract'
import type { Inflate } from '../files/inflate'
import { writeCoco } from './coco/coco-readings'
import type { ExportSource, ExportStamp } from './derived-object'
import { type Counts, countReadings, type ExchangeFormat, type ExchangeReading } from './exchange-reading'
import { type ImageTarget, requireUids } from './image-target'
import { writeLidcReadings } from './lidc/lidc-exchange'
import { writeMaskPictures } from './pictures/mask-pictures'
import type { NamedFile } from '../files/named-file'
import { writeNifti } from './nifti/nifti-readings'
import { pathPart } from './pictures/picture-names'
import { writeSegmentationReading } from './seg/write-segmentation'
import { writeStructureSet } from './rtstruct/write-structure-set'

export interface ReadingsExport {
  readonly format: ExchangeFormat
  readonly target: ImageTarget
  /** Headers of the source's files: needed for DICOM objects, null elsewhere. */
  readonly source: ExportSource | null
  readonly stamp: ExportStamp
  readonly inflate: Inflate
}

export interface HandedFile extends NamedFile {
  /** Reader (pseudonym) whose reading the file holds. */
  readonly reader: string
}

export interface ExportedFile {
  readonly files: readonly HandedFile[]
  /** What was compared and found equal. */
  readonly counts: Counts
}

const noSeries = (format: string): Result<never> =>
  refuse('annotation-unsupported', `${format} holds readings of a DICOM series, not of a photograph.`, {
    next: 'Choose PNG or COCO.',
  })

function writeOne(
  reading: ExchangeReading,
  stem: string,
  { format, target, source, stamp, inflate }: ReadingsExport,
): Result<readonly NamedFile[]> {
  const one = (bytes: Result<Uint8Array>, ending: string): Result<readonly NamedFile[]> =>
    bytes.ok ? accept([{ path: `${stem}${ending}`, bytes: bytes.value }]) : bytes
  if (format === 'coco') return one(writeCoco(reading, target, 'rle'), '.coco.json')
  if (format === 'png') {
    const pictures = writeMaskPictures(reading, target, inflate)
    if (!pictures.ok) return pictures
    return accept(pictures.value.map(({ path, bytes }) => ({ path: `${stem}/${path}`, bytes })))
  }
  if (target.kind !== 'series') return noSeries(format.toUpperCase())
  if (format === 'nifti') return one(writeNifti(reading, target, inflate), '.nii.gz')
  const named = requireUids(target)
  if (!named.ok) return named
  if (format === 'lidc-xml') return one(writeLidcReadings([reading], target), '.xml')
  if (source === null) {
    return refuse('not-found', 'The source files of the series were not found.', {
      next: 'Use the masks as PNG.',
    })
  }
  return format === 'seg'
    ? one(writeSegmentationReading(reading, source, stamp), '.seg.dcm')
    : one(writeStructureSet(reading, source, stamp), '.rtstruct.dcm')
}

/** Paths of readers: their names, numbered where two look alike. */
function stemsOf(readings: readonly ExchangeReading[]): readonly string[] {
  const taken = new Set<string>()
  return readings.map(({ reader }, at) => {
    const plain = pathPart(reader, `reader-${at + 1}`)
    const stem = taken.has(plain) ? `${plain}-${at + 1}` : plain
    taken.add(stem)
    return stem
  })
}

/**
 * Writes readings, one file or folder a reader; UIDs of readings with the same name differ, since their place is part
 * of the key. Nothing is exported unless all of it read back as it was written; the first refusal names the reader.
 */
export function exportReadings(
  readings: readonly ExchangeReading[],
  how: ReadingsExport,
): Result<ExportedFile> {
  const stems = stemsOf(readings)
  const files: HandedFile[] = []
  for (const [at, reading] of readings.entries()) {
    const stamp = {
      ...how.stamp,
      key: `${how.stamp.key} ${at + 1}`,
      seriesNumber: how.stamp.seriesNumber + at,
    }
    const written = writeOne(reading, stems[at] ?? `reader-${at + 1}`, { ...how, stamp })
    if (!written.ok) {
      const reason = `${reading.reader || `Reader ${at + 1}`}: ${written.refusal.reason}`
      return { ok: false, refusal: { ...written.refusal, reason } }
    }
    files.push(...written.value.map((file) => ({ ...file, reader: reading.reader })))
  }
  return accept({ files, counts: countReadings(readings) })
}
