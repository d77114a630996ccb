/** What a decode thread does. Functions of their job alone: tests run them in line, the program in worker threads. */
import { createHash } from 'node:crypto'
import { accept, refuse } from '../../../contract'
import type { Result, Warning } from '../../../contract'
import { decodeFrame, leftOverWarnings } from '../../../core/dicom/pixels/decode-frame'
import type { OpenPixels, Unpackers } from '../../../core/dicom/pixels/decode-frame'
import { describeObject } from '../../../core/dicom/describe-object'
import type { Named } from '../../../core/dicom/describe-object'
import { listDirectory } from '../../../core/dicom/directory'
import { modalityLutOf, paletteOf } from '../../../core/dicom/pixels/lookup-tables'
import { overlayPlanes } from '../../../core/dicom/pixels/overlay-planes'
import { framesWarning, isOphthalmicPhotograph } from '../../../core/dicom/photograph'
import type { DicomFile } from '../../../core/dicom/read-file'
import { listTags, type TagNames } from '../../../core/dicom/tag-list'
import { valueBytes } from '../../../core/dicom/values'
import { packMask } from '../../../core/image/mask'
import type { StoredFrame } from '../../../core/image/pixel-layout'
import { sampleType } from '../../../core/image/pixel-layout'
import { listArchive } from './archive-listing'
import { DecoderNotReady, decodeStream, whenReady } from './codecs/codecs'
import { inflate, readBeginning, readDicomSource } from './dicom-source'
import { withSource } from './file-bytes'
import type { OpenSource } from './file-bytes'
import { sourceKey } from './job'
import type { Answer, Inspection, Job } from './job'
import { MAX_WHOLE_FILE_BYTES } from './limits'
import { inspectNifti, isNiftiSource, niftiSlice, withoutElements } from './nifti'
import { doubtsOf, openForDecoding, readerOf, sliceBody } from './open-frames'
import { isPhotograph, photographAnswer, shownPhotograph } from './photograph'
import { lidcSeriesUid, sniffKind } from './sniff'
import { tagNames } from './tag-names'

/**
 * Everything that can only be told by trying: the first packed frame, the palette, the modality LUT. Streams were
 * looked at when their frames were found; decoding one of each file would make a scan tenfold slower.
 */
function tryFirstFrame(
  open: OpenSource,
  file: DicomFile,
  pixels: OpenPixels,
  unpackers: Unpackers,
): Result<readonly Warning[]> {
  const warnings: Warning[] = []
  if (pixels.places.kind === 'fragments' && file.syntax.pixels !== 'stream') {
    const decoded = decodeFrame(file, pixels, 0, readerOf(open, file), unpackers)
    if (!decoded.ok) return decoded
    warnings.push(...leftOverWarnings(decoded.value), ...doubtsOf(decoded.value, file, pixels))
  }
  if (pixels.layout.colour === 'index') {
    const palette = paletteOf(file.dataSet, pixels.layout.signed)
    if (!palette.ok) return palette
  }
  return { ok: true, value: warnings }
}

function inspectDicom(
  open: OpenSource,
  bytes: Uint8Array<ArrayBuffer>,
  named: Named,
  unpackers: Unpackers,
): Result<Inspection> {
  const file = readDicomSource(open, bytes)
  if (!file.ok) return file
  const described = describeObject(file.value, named)
  if (!described.ok) return described
  const object = described.value
  if (object.kind === 'document') return { ok: true, value: object }
  if (object.kind === 'directory') {
    const listing = listDirectory(file.value.dataSet)
    if (!listing.ok) return listing
    const references = listing.value.references.map((parts) => parts.join('/'))
    return { ok: true, value: { kind: 'directory', references, refused: listing.value.refused } }
  }
  if (isPhotograph(object)) {
    const shown = shownPhotograph(open, file.value, object, unpackers)
    return shown.ok ? accept({ kind: 'photograph', photograph: shown.value.photograph }) : shown
  }
  const tried = tryFirstFrame(open, file.value, object.pixels, unpackers)
  if (!tried.ok) return tried
  const lut = modalityLutOf(file.value.dataSet, object.pixels.layout.signed)
  const noted = [...tried.value]
  if (isOphthalmicPhotograph(object.instance)) noted.push(framesWarning(object.instance.frames.length))
  if (!lut.ok)
    noted.push({ code: 'modality-lut-unusable', text: `${lut.refusal.reason} Stored values are shown.` })
  const { instance } = object
  return {
    ok: true,
    value: { kind: 'image', instance: { ...instance, warnings: [...instance.warnings, ...noted] } },
  }
}

const NOTHING_KNOWN =
  'Nothing that is opened here: no DICOM, NIfTI, PNG, JPEG, TIFF, GIF or ZIP, by its first bytes.'

function inspect(open: OpenSource, named: Named, unpackers: Unpackers): Result<Inspection> {
  if (open.totalBytes === 0)
    return refuse('file-empty', 'The file is empty (0 bytes).', { next: 'Copy or export the file again.' })
  const bytes = readBeginning(open)
  const kind = sniffKind(bytes)
  if (kind === 'dicom') {
    const inspected = inspectDicom(open, bytes, named, unpackers)
    return inspected.ok || inspected.refusal.code !== 'not-dicom'
      ? inspected
      : refuse('not-dicom', NOTHING_KNOWN)
  }
  if (kind === 'nifti') return inspectNifti(open, named)
  if (open.isUnpacked === true)
    return refuse('picture-unsupported', 'In a gzip file only DICOM and NIfTI are opened.', {
      next: 'Unpack it.',
    })
  if (kind === 'lidc-xml') return { ok: true, value: { kind, seriesUid: lidcSeriesUid(bytes) } }
  return { ok: true, value: { kind } }
}

function slice(open: OpenSource, job: Extract<Job, { kind: 'slice' }>, unpackers: Unpackers): Result<Answer> {
  if (isNiftiSource(open)) return niftiSlice(open, job.frame)
  const decoding = openForDecoding(open)
  if (!decoding.ok) return decoding
  const { file, pixels, read } = decoding.value
  const stored = decodeFrame(file, pixels, job.frame, read, unpackers)
  if (!stored.ok) return stored
  const body = sliceBody(decoding.value, stored.value, job.rescale)
  if (!body.ok) return body
  const { description, bytes } = body.value
  const overlays = overlayPlanes(file.dataSet, job.frame, { ...pixels, read })
  const graphics = overlays === null ? null : packMask(overlays)
  const described = graphics === null ? description : { ...description, graphics: true as const }
  return { ok: true, value: { kind: 'slice', description: described, bytes, graphics } }
}

const bytesOf = ({ values }: StoredFrame): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

function canonical(
  open: OpenSource,
  job: Extract<Job, { kind: 'canonical' }>,
  unpackers: Unpackers,
): Result<Answer> {
  if (open.totalBytes === 0) return refuse('file-empty', 'The file is empty (0 bytes).')
  const decoding = openForDecoding(open)
  if (!decoding.ok) return decoding
  const { file, pixels, read, warnings } = decoding.value
  const sha256: string[] = []
  let kept: Uint8Array<ArrayBuffer> | null = null
  let form: StoredFrame['form'] = 'grey'
  const first = job.frame ?? 0
  const last = job.frame ?? pixels.frames - 1
  for (let frame = first; frame <= last; frame += 1) {
    const stored = decodeFrame(file, pixels, frame, read, unpackers)
    if (!stored.ok) return stored
    const bytes = bytesOf(stored.value)
    sha256.push(createHash('sha256').update(bytes).digest('hex'))
    form = stored.value.form
    if (job.frame !== null) kept = bytes
  }
  const { rows, columns } = pixels.layout
  const report = {
    path: job.path,
    transferSyntax: file.syntax.uid,
    rows,
    columns,
    frames: pixels.frames,
    form,
    dtype: sampleType(pixels.layout),
    sha256,
    warnings: [...warnings],
  }
  return { ok: true, value: { kind: 'canonical', report, bytes: kept } }
}

function whole(open: OpenSource): Result<Answer> {
  if (open.totalBytes > MAX_WHOLE_FILE_BYTES)
    return refuse(
      'limit-reached',
      `The file has ${open.totalBytes} bytes; at most ${MAX_WHOLE_FILE_BYTES} are read at once.`,
    )
  return { ok: true, value: { kind: 'bytes', bytes: open.read(0, open.totalBytes) } }
}

function elements(open: OpenSource, tags: readonly number[]): Result<Answer> {
  if (isNiftiSource(open)) return withoutElements()
  const file = readDicomSource(open, readBeginning(open))
  if (!file.ok) return file
  const { dataSet } = file.value
  const found = tags.flatMap((tag) => {
    const bytes = valueBytes(dataSet, tag)
    // A copy: the view would take the whole file across with it.
    return bytes === null ? [] : [[tag, bytes.slice()] as const]
  })
  return { ok: true, value: { kind: 'elements', elements: new Map(found) } }
}

function tags(open: OpenSource, frame: number, names: TagNames): Result<Answer> {
  if (isNiftiSource(open)) return withoutElements()
  const file = readDicomSource(open, readBeginning(open))
  return file.ok ? { ok: true, value: { kind: 'tags', tags: listTags(file.value, frame, names) } } : file
}

function answer(
  open: OpenSource,
  version: string,
  job: Job,
  unpackers: Unpackers,
  names: TagNames,
): Result<Answer> {
  switch (job.kind) {
    case 'inspect': {
      const inspection = inspect(open, { path: job.path, key: sourceKey(job.source) }, unpackers)
      return inspection.ok
        ? { ok: true, value: { kind: 'inspect', inspection: inspection.value, version } }
        : inspection
    }
    case 'list': {
      const listing = listArchive(open, job.path)
      return listing.ok ? { ok: true, value: { kind: 'list', listing: listing.value } } : listing
    }
    case 'slice':
      return slice(open, job, unpackers)
    case 'canonical':
      return canonical(open, job, unpackers)
    case 'photograph':
      return photographAnswer(open, { path: job.path, key: sourceKey(job.source) }, unpackers)
    case 'bytes':
      return whole(open)
    case 'elements':
      return elements(open, job.tags)
    case 'tags':
      return tags(open, job.frame, names)
  }
}

/**
 * Does one job. Throws when a decoder is not ready yet, and nothing else: what nobody foresaw in a damaged file is a
 * refusal too.
 */
export function perform(job: Job, names: TagNames = () => null): Answer {
  try {
    const unpackers = { inflate, stream: decodeStream }
    const result = withSource(job.source, (open, version) => answer(open, version, job, unpackers, names))
    return result.ok ? result.value : { kind: 'refused', refusal: { ...result.refusal, path: job.path } }
  } catch (error) {
    if (error instanceof DecoderNotReady) throw error
    const reason = `Reading failed: ${error instanceof Error ? error.message : String(error)}`
    return { kind: 'refused', refusal: { code: 'structure-damaged', reason, path: job.path } }
  }
}

/** Does one job, again and again until every decoder that it needs has been started. */
export async function performWhenReady(job: Job): Promise<Answer> {
  const names = job.kind === 'tags' ? await tagNames() : undefined
  return whenReady(() => perform(job, names))
}
