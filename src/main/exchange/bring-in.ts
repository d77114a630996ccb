import { accept, refuse } from '../../contract'
import type { ImportOutcome, ImportQuery, Rater, Result, Subject } from '../../contract'
import { encodeBoxMask } from '../../core/contour/box-mask'
import { bringIn as readFiles, formatOf } from '../../core/exchange/bring-in'
import { countReadings, type ExchangeReading } from '../../core/exchange/exchange-reading'
import type { ImageTarget } from '../../core/exchange/image-target'
import type { ExchangeParts } from './hand-out'
import { inflate, sourceOf, targetOf } from './image-of-subject'
import type { ImportedContent } from '../readings/imported-reading'

/**
 * A file of another program as readings of named readers, beside what raters drew and never in place of it. What it
 * shows is an exposure, so it is refused while the subject is blind to the rater who brings it in.
 */
export async function bringIn(
  parts: ExchangeParts,
  rater: Rater,
  { format, reader, name, seriesUid, imageId }: ImportQuery,
  bytes: Uint8Array,
): Promise<Result<ImportOutcome>> {
  const subject = subjectOf(seriesUid, imageId)
  if (subject === null)
    return refuse('request-invalid', 'Say which series or photograph the file belongs to, one of the two.')
  const key = await parts.subjects.keyOf(subject)
  if (!key.ok) return key
  const released = await parts.disclosure.release(rater, key.value, 'peers', 'readings brought in')
  if (!released.ok) return released
  const target = await placedTarget(parts, subject)
  if (!target.ok) return target
  const file = { path: name ?? `${reader}.${format}`, bytes }
  const found = formatOf(file, inflate)
  if (!found.ok) return found
  if (found.value !== format)
    return refuse('annotation-mismatch', `The file is ${found.value}, not ${format}.`, {
      next: `Bring it in as ${found.value}.`,
    })
  const read = readFiles([file], target.value, inflate)
  const readings = read.broughtIn.flatMap((one) => one.readings)
  const [refused] = read.refused
  if (readings.length === 0 && refused !== undefined) return { ok: false, refusal: refused }
  for (const one of readings) {
    const readerName = readings.length === 1 || one.reader === '' ? reader : `${reader} (${one.reader})`
    const kept = await parts.store.addImport({
      subject: key.value,
      reader: readerName,
      importedBy: rater.raterId,
      source: format,
      content: JSON.stringify(contentOf(one, target.value)),
    })
    if (!kept.ok) return kept
  }
  const { structures, slices } = countReadings(readings)
  return accept({
    readings: readings.length,
    structures,
    slices,
    refused: [...read.refused],
    warnings: read.broughtIn.flatMap(({ warnings }) => warnings),
  })
}

function subjectOf(seriesUid: string | undefined, imageId: string | undefined): Subject | null {
  if (seriesUid !== undefined && imageId === undefined) return { kind: 'series', seriesUid }
  return imageId !== undefined && seriesUid === undefined ? { kind: 'image', imageId } : null
}

/** A series' frame of reference stands in its files; those of an archive cannot be asked, and then nothing is checked. */
async function placedTarget(parts: ExchangeParts, subject: Subject): Promise<Result<ImageTarget>> {
  const target = targetOf(parts.library, subject)
  if (!target.ok || target.value.kind !== 'series') return target
  const source = await sourceOf(parts.library, subject, target.value, new Set())
  return source.ok ? accept(source.value.target) : target
}

/** What is kept: each slice by its instance and frame, so that a slice which comes later moves none. */
const contentOf = ({ structures }: ExchangeReading, target: ImageTarget): ImportedContent => ({
  structures: structures.map(({ label, slices }) => ({
    label,
    slices: slices.map(({ sliceIndex, mask }) => {
      const slice = target.kind === 'series' ? target.slices[sliceIndex] : undefined
      return {
        sliceIndex,
        ...(slice === undefined
          ? {}
          : { instance: { sopInstanceUid: slice.sopInstanceUid, frame: slice.frame } }),
        mask: encodeBoxMask(mask.mask, mask.originColumn, mask.originRow),
      }
    }),
  })),
})
