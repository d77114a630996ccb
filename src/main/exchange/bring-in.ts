import { subjectsNamed } from '../../core/subject/subject'
import { accept, refuse } from '../../contract'
import type { ImportOutcome, ImportQuery, Rater, Result, Slice, Subject, Warning } from '../../contract'
import type { Mask } from '../../core/image/mask'
import { doubtsOfMask } from '../../core/exchange/pictures/mask-doubts'
import { isPng } from '../../core/files/png-file'
import type { ImageTarget } from '../../core/exchange/image-target'
import type { ExchangeParts } from './export-readings'
import { sourceOf, targetOf } from './image-of-subject'
import { keyOfContent } from '../readings/imported-reading'
import { copyKeys } from '../readings/same-reading'
import { shownReadings } from '../readings/shown-readings'
import { readFile } from './read-files'

/**
 * A file of another program as readings of named readers, beside what raters drew and never in place of it. What it
 * shows is an exposure, so it is refused while the subject is blind to the rater who brings it in.
 */
export async function bringIn(
  parts: ExchangeParts,
  rater: Rater,
  { format, reader, name, seriesUid, imageId, despite }: ImportQuery,
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
  const { readings, structures, slices, refused } = read.value
  const doubts = mask?.ok === true ? doubtsOf(parts, subject, path, mask.value) : []
  if (doubts.length > 0 && despite === undefined)
    return refuse('annotation-doubtful', doubts.join(' '), {
      next: 'Bring it in on the photograph that it is of, or all the same where it is right.',
    })
  const warnings = [...read.value.warnings, ...doubts.map((text) => ({ code: 'annotation-doubtful', text }))]
  const known = await shownReadings(parts, rater, subject, key.value)
  if (!known.ok) return known
  const same = new Map(known.value.flatMap((one) => copyKeys(one).map((key) => [key, one.name] as const)))
  const repeated: Warning[] = []
  for (const one of readings) {
    const readerName = readings.length === 1 || one.reader === '' ? reader : `${reader} (${one.reader})`
    const content = keyOfContent(one.content, slicesNow(parts, subject))
    const name = content === null ? undefined : same.get(content)
    if (name !== undefined) {
      const text = `“${readerName}” is, pixel for pixel, the reading of ${name} that is here already: it was not brought in again.`
      repeated.push({ code: 'reading-known', text })
      continue
    }
    if (content !== null) same.set(content, readerName)
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
    readings: readings.length - repeated.length,
    structures: repeated.length === readings.length ? 0 : structures,
    slices: repeated.length === readings.length ? 0 : slices,
    refused: [...refused],
    warnings: [...warnings, ...repeated],
  })
}

/** What is doubtful of a mask of a photograph. Masks of slices are placed by names that mean one slice (decision 0070). */
function doubtsOf({ library }: ExchangeParts, subject: Subject, path: string, mask: Mask): readonly string[] {
  if (subject.kind !== 'image') return []
  const { images } = library.current()
  const own = images.find(({ imageId }) => imageId === subject.imageId)
  return own === undefined ? [] : doubtsOfMask(path, mask, own, images)
}

/** The slices of the series as it is open; null of a photograph. */
function slicesNow(parts: ExchangeParts, subject: Subject): readonly Slice[] | null {
  const detail = subject.kind === 'series' ? parts.library.seriesDetail(subject.seriesUid) : null
  return detail?.ok === true ? detail.value.slices : null
}

/** A series' frame of reference stands in its files; those of an archive cannot be asked, and then nothing is checked. */
async function placedTarget(parts: ExchangeParts, subject: Subject): Promise<Result<ImageTarget>> {
  const target = targetOf(parts.library, subject)
  if (!target.ok || target.value.kind !== 'series') return target
  const source = await sourceOf(parts.library, subject, target.value, new Set())
  return source.ok ? accept(source.value.target) : target
}
