import { subjectsNamed } from '../../core/subject/subject'
import { accept, refuse } from '../../contract'
import type { ImportOutcome, ImportQuery, Rater, Result, Subject } from '../../contract'
import { isPng } from '../../core/files/png-file'
import type { ImageTarget } from '../../core/exchange/image-target'
import type { ExchangeParts } from './hand-out'
import { sourceOf, targetOf } from './image-of-subject'
import { readFile } from './read-files'

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
  const [subject, second] = subjectsNamed({ seriesUid, imageId })
  if (subject === undefined || second !== undefined)
    return refuse('request-invalid', 'Say which series or photograph the file belongs to, one of the two.')
  const key = await parts.subjects.keyOf(subject)
  if (!key.ok) return key
  const released = await parts.disclosure.release(rater, key.value, 'peers', 'readings brought in')
  if (!released.ok) return released
  const target = await placedTarget(parts, subject)
  if (!target.ok) return target
  const path = name ?? `${reader}.${format}`
  // Its size is told from the image's where it is laid on it.
  const mask = isPng(bytes) ? await parts.pictures.readMaskPicture(bytes, null, path) : null
  const read = await readFile(parts.writeWorkerPath, {
    ...{ kind: 'read', path, bytes, format, target: target.value, mask },
  })
  if (!read.ok) return read
  const { readings, structures, slices, refused, warnings } = read.value
  for (const one of readings) {
    const readerName = readings.length === 1 || one.reader === '' ? reader : `${reader} (${one.reader})`
    const kept = await parts.store.addImport({
      subject: key.value,
      reader: readerName,
      importedBy: rater.raterId,
      source: format,
      content: one.content,
    })
    if (!kept.ok) return kept
  }
  return accept({
    readings: readings.length,
    structures,
    slices,
    refused: [...refused],
    warnings: [...warnings],
  })
}

/** A series' frame of reference stands in its files; those of an archive cannot be asked, and then nothing is checked. */
async function placedTarget(parts: ExchangeParts, subject: Subject): Promise<Result<ImageTarget>> {
  const target = targetOf(parts.library, subject)
  if (!target.ok || target.value.kind !== 'series') return target
  const source = await sourceOf(parts.library, subject, target.value, new Set())
  return source.ok ? accept(source.value.target) : target
}
