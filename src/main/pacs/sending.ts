import { basename } from 'node:path'
import type { Refusal, SentObject } from '../../contract'
import { inflateRaw } from '../library/decode/inflate'
import { listArchive } from '../library/decode/archive-listing'
import type { Archive } from './archive'
import { outgoing } from './outgoing'
import type { Outgoing, ToSend } from './outgoing'
import { connectionRefusal, PacsFailure } from './pacs-failure'

/** Whose study objects belong to: what the series says that they were made on. */
export interface OfStudy {
  readonly studyUid: string
  readonly patientId: string
}

export interface SendGround {
  readonly name: string
  readonly archive: Archive
  readonly signal: AbortSignal
}

/** Sends files as they are. Every file is looked at before the first goes out. */
export async function sendFiles(ground: SendGround, files: readonly ToSend[]): Promise<SentObject[]> {
  for (const file of files) outgoing(file)
  return sendEach(
    ground,
    files.map((file) => () => outgoing(file)),
  )
}

/**
 * Sends the DICOM objects of an export (a ZIP that this program wrote). Nothing goes out where one of them, or the study
 * as the archive has it, is another patient's. `studyThere`: whether the archive has the study.
 */
export async function sendExport(
  ground: SendGround,
  zip: Uint8Array,
  of: OfStudy,
): Promise<{ readonly objects: SentObject[]; readonly studyThere: boolean }> {
  const objects = objectsIn(zip)
  if (objects.length === 0)
    throw new PacsFailure(
      'request-invalid',
      'What would be written is no DICOM object, and archives take nothing else.',
      'Choose SEG, SR or RTSTRUCT.',
    )
  for (const { file, studyUid, patientId } of objects)
    if (studyUid !== of.studyUid || !isSame(patientId, of.patientId))
      throw otherPatient(`${file} is of another patient or study than the series it was made on.`)
  const study = await ground.archive.findStudy(of.studyUid)
  if (study !== null && !isSame(study.patientId, of.patientId))
    throw otherPatient(`${ground.name} has this study under another patient ID than the series that is open.`)
  return {
    objects: await sendEach(
      ground,
      objects.map((object) => () => object),
    ),
    studyThere: study !== null,
  }
}

/** Blanks at the ends of an ID mean nothing (PS3.5 6.2, LO). */
const isSame = (one: string, other: string): boolean => one.trim() === other.trim()

const otherPatient = (reason: string): PacsFailure =>
  new PacsFailure(
    'pacs-mismatch',
    `${reason} Nothing was sent.`,
    'Fetch the series again, and ask whoever runs the archive.',
  )

/** What the archive does not take is told of that object alone; a connection that fails, or who cancels, ends it, and the rest is told so. */
async function sendEach(ground: SendGround, objects: readonly (() => Outgoing)[]): Promise<SentObject[]> {
  const sent: SentObject[] = []
  let broken: Refusal | null = null
  for (const object of objects) {
    const { file, sopInstanceUid } = object()
    if (broken === null && ground.signal.aborted) broken = NOT_SENT
    const refusal: Refusal | null = broken ?? (await refusalOf(ground, object(), sent.length === 0))
    if (refusal?.code === 'cancelled') broken = NOT_SENT
    else if (refusal !== null && refusal.code !== 'pacs-refused')
      broken = { ...refusal, reason: `It was not sent: ${refusal.reason}` }
    sent.push({ file, sopInstanceUid, refusal })
  }
  return sent
}

const NOT_SENT: Refusal = {
  code: 'cancelled',
  reason: 'It was not sent: sending was cancelled.',
  next: 'Send it again.',
}

/** Throws what ended it before anything was sent. */
async function refusalOf(
  { name, archive, signal }: SendGround,
  object: Outgoing,
  isFirst: boolean,
): Promise<Refusal | null> {
  try {
    await archive.store(object)
    return null
  } catch (error) {
    const isRefused = error instanceof PacsFailure && error.refusal.code === 'pacs-refused'
    if (signal.aborted)
      return {
        code: 'cancelled',
        reason: `Sending was cancelled before ${name} answered: it may have this object, or not.`,
        next: 'Send it again: the same object is stored once.',
      }
    if (isFirst && !isRefused) throw error
    return connectionRefusal(name, error)
  }
}

const LOCAL_HEADER_BYTES = 30
const DEFLATED = 8
const MOST_OBJECT_BYTES = 2 ** 31 - 1

/** The DICOM files of a ZIP, by their names. */
function objectsIn(zip: Uint8Array): readonly Outgoing[] {
  const source = {
    totalBytes: zip.length,
    read: (offset: number, length: number) => zip.slice(offset, offset + length),
  }
  const listed = listArchive(source, 'export.zip')
  if (!listed.ok) throw new PacsFailure('internal', listed.refusal.reason, 'Try again.')
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength)
  return listed.value.entries
    .filter(({ name }) => name.endsWith('.dcm'))
    .map(({ name, method, headerOffset, packedBytes }) => {
      // APPNOTE 4.3.7: name and extra field stand between the header and the bytes.
      const behind = view.getUint16(headerOffset + 26, true) + view.getUint16(headerOffset + 28, true)
      const start = headerOffset + LOCAL_HEADER_BYTES + behind
      const packed = zip.slice(start, start + packedBytes)
      return outgoing({ name: basename(name), bytes: method === DEFLATED ? inflated(packed) : packed })
    })
}

function inflated(packed: Uint8Array): Uint8Array {
  const bytes = inflateRaw(packed, MOST_OBJECT_BYTES, {
    damaged: 'internal',
    tooLarge: 'limit-reached',
  })
  if (bytes.ok) return bytes.value
  throw new PacsFailure(bytes.refusal.code, bytes.refusal.reason, 'Send fewer objects at once.')
}
