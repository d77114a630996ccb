/** The photographs of a library: pictures by the picture process, DICOM objects by the decode threads. */
import { basename } from 'node:path'
import { accept, refuse } from '../../contract'
import type { ImageSummary, Refusal, Result, Warning } from '../../contract'
import type { DicomPhotograph } from '../../core/dicom/photograph'
import { EYE_DOUBTED, eyeWords } from '../../core/dicom/stated-eye'
import { eyeInName } from '../../core/subject/eyes'
import type { PictureInput } from '../pictures/photograph'
import type { Pictures } from '../pictures/picture-process'
import { idOf } from './picture'
import type { Picture } from './picture'
import { sourceKey } from './decode/job'
import type { Answer, Job, Source } from './decode/job'
import type { DecodePool } from './decode/pool'
import type { Inspected } from './inspect-files'
import type { PixelBody } from './library-service'
import { systemPath } from './raw-path'

interface Readers {
  readonly pool: DecodePool
  readonly pictures: Pictures
}

/** The answer of this kind, or why there is none. */
async function answered<K extends Answer['kind']>(
  pool: DecodePool,
  job: Job,
  kind: K,
): Promise<Result<Extract<Answer, { kind: K }>>> {
  const answer = await pool.run(job)
  if (answer.kind === kind) return accept(answer as Extract<Answer, { kind: K }>)
  return answer.kind === 'refused'
    ? { ok: false, refusal: answer.refusal }
    : refuse('internal', 'The decode thread answered something else.')
}

/** What the picture process reads: the file, or its bytes. */
export async function pictureInput(
  pool: DecodePool,
  source: Source,
  path: string,
): Promise<Result<PictureInput>> {
  // The decoder of pictures takes paths that are text alone.
  if (source.kind === 'file' && typeof systemPath(source.file) === 'string') return accept(source.file)
  const answer = await answered(pool, { kind: 'bytes', source, path }, 'bytes')
  return answer.ok ? accept(answer.value.bytes) : answer
}

/** Describes the pictures among what was found, into `described`; those that are none are refused. */
export async function describePictures(
  { pool, pictures }: Readers,
  inspected: readonly Inspected[],
  described: Map<string, Picture>,
): Promise<readonly Refusal[]> {
  const refused: Refusal[] = []
  for (const { source, path, found } of inspected) {
    if (found.kind === 'photograph')
      described.set(sourceKey(source), { source, summary: dicomSummary(source, path, found.photograph) })
    if (found.kind !== 'picture') continue
    const input = await pictureInput(pool, source, path)
    const summary: Result<ImageSummary> = input.ok
      ? await pictures.describePhotograph(idOf('img', source), path, input.value)
      : input
    if (summary.ok) described.set(sourceKey(source), { source, summary: summary.value })
    else refused.push({ ...summary.refusal, path })
  }
  return refused
}

/** How the formats of DICOM photographs begin: no other decoder knows them. */
const DICOM = 'dicom'

/** The eye that the file states, else that of its name; what contradicts it is said. */
function eyeOf(stated: DicomPhotograph['eye'], name: string): Pick<ImageSummary, 'eye' | 'warnings'> {
  const { eye: named, doubt } = eyeInName(name)
  if (stated === null) {
    return { eye: named, warnings: doubt === null ? [] : [{ code: EYE_DOUBTED, text: doubt }] }
  }
  const warnings: Warning[] = []
  if (stated === 'both') warnings.push({ code: 'eye-both', text: 'The file says that both eyes are on it.' })
  else if (named !== null && named !== stated)
    warnings.push({
      code: EYE_DOUBTED,
      text: `The file says ${eyeWords(stated)} and its name ${eyeWords(named)}: which it is should be looked at.`,
    })
  return { eye: stated === 'both' ? null : stated, warnings }
}

function dicomSummary(source: Source, path: string, photograph: DicomPhotograph): ImageSummary {
  const { width, height, bitsPerChannel, channels, patientId, lossy } = photograph
  const name = basename(path.split('!/').at(-1) ?? path).normalize('NFC')
  const { eye, warnings } = eyeOf(photograph.eye, name)
  return {
    ...{ imageId: idOf('img', source), path, name, format: lossy ? `${DICOM} lossy` : DICOM },
    ...{ width, height, bitsPerChannel, channels, eye },
    ...(patientId === '' ? {} : { patientId }),
    warnings: [...photograph.warnings, ...warnings],
  }
}

const isDicom = ({ summary }: Picture): boolean => summary.format.startsWith(DICOM)

/** 8-bit RGB, as a browser would show it. */
export async function photographPixels(
  { pool, pictures }: Readers,
  image: Picture,
): Promise<Result<PixelBody>> {
  const { source, summary } = image
  if (!isDicom(image)) {
    const input = await pictureInput(pool, source, summary.path)
    return input.ok ? pictures.photographPixels(summary, input.value) : input
  }
  const answer = await answered(pool, { kind: 'photograph', source, path: summary.path }, 'slice')
  if (!answer.ok) return answer
  const { description, bytes } = answer.value
  return accept({ description: { ...description, warnings: summary.warnings }, bytes })
}

/** PNG, at most 256 px on its long side. */
export async function photographThumbnail(readers: Readers, image: Picture): Promise<Result<Uint8Array>> {
  const { pool, pictures } = readers
  const { source, summary } = image
  if (!isDicom(image)) {
    const input = await pictureInput(pool, source, summary.path)
    return input.ok ? pictures.photographThumbnail(summary.path, input.value) : input
  }
  const shown = await photographPixels(readers, image)
  if (!shown.ok) return shown
  const { widthPx, heightPx } = shown.value.description
  return pictures.pixelsThumbnail({ widthPx, heightPx, pixels: shown.value.bytes, channels: 3 }, 1)
}
