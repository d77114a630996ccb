import { createHash } from 'node:crypto'
import { accept, refuse, TRAINING_CASE } from '../../contract'
import type { Manifest, PixelSpacing, Result, RunTarget, SetCase } from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import type { Mask } from '../../core/image/mask'
import { scaleMask } from '../../core/sampling/photograph-input'
import type { ModelInput } from '../../core/sampling/model-input'
import type { SliceOutline } from '../../core/measures/voxel-block'
import { findTarget, prepareInput } from '../inference/run-target'
import type { InputSources } from '../inference/run-target'
import { patientInTraining } from '../inference/training-set'
import { cropPlaces } from './crop-places'
import { blocksOf } from './same-images'
import type { Glance } from './same-images'
import { pseudonymOf } from './set-readings'
import type { LeaveOut, SubjectReading, SubjectReadings } from './set-readings'

/** Puts a file of a case down and gives what the set says of it. */
export type KeepFile = (file: string, bytes: Uint8Array) => Promise<SetCase['input']>

export interface CaseSources extends InputSources {
  readonly manifest: Manifest
  /** Of the workspace: names patients and places crops. */
  readonly key: string
  readonly keep: KeepFile
  readonly leaveOut: LeaveOut
}

export interface MadeCase {
  readonly made: SetCase
  readonly glance: Glance
  /** The model has learned from this patient. */
  readonly isLearned: boolean
}

/** Where the crops of a subject lie: one for a photograph, whole. */
function targetsOf({ subject, found, readings }: SubjectReadings, key: string): RunTarget[] {
  if (subject.kind === 'image') return [{ kind: 'image', imageId: subject.imageId }]
  const share = (asked: string): number => shareOf(key, `${found.key} ${asked}`)
  const structures = readings.flatMap((one) => one.structures)
  return cropPlaces(structures, found.detail?.slices.length ?? 0, share).map((place) => ({
    kind: 'series',
    seriesUid: subject.seriesUid,
    structureId: null,
    ...place,
    column: Math.min(Math.max(place.column, 0), found.widthPx - 1),
    row: Math.min(Math.max(place.row, 0), found.heightPx - 1),
  }))
}

/** The same number in [0, 1) for the same words in one workspace. */
export const shareOf = (key: string, words: string): number =>
  createHash('sha256').update(`${key} ${words}`).digest().readUInt32BE(0) / 2 ** 32

/** Who is in the picture, as far as the files say; a photograph is of who is named before its eye. */
function patientOf(sources: CaseSources, { subject, found }: SubjectReadings): string {
  if (found.detail !== null) {
    const { patientId, studyUid } = found.detail.summary
    return patientId === '' ? `study ${studyUid}` : patientId
  }
  const image = sources.library
    .current()
    .images.find(({ imageId }) => subject.kind === 'image' && imageId === subject.imageId)
  const stem = (image?.name ?? found.key).replace(/\.[^.]*$/, '')
  const patient = image?.eye == null ? stem : stem.replace(/[_\s-]*(?:left|right|od|os|l|r)$/i, '')
  return `photograph ${patient === '' ? stem : patient}`
}

/** The crops of one subject with every reader's answer on each, one after another. */
export async function* casesOf(
  sources: CaseSources,
  given: SubjectReadings,
  firstNumber: number,
): AsyncGenerator<Result<MadeCase>> {
  const { manifest, key } = sources
  const patient = patientOf(sources, given)
  const hashes = new Map<number, string>()
  let number = firstNumber
  for (const target of targetsOf(given, key)) {
    const found = findTarget(sources.library, target)
    const prepared = found.ok ? await prepareInput(sources, found.value, manifest) : found
    if (!prepared.ok) {
      sources.leaveOut(`a place that cannot be cropped: ${prepared.refusal.reason}`)
      continue
    }
    const { input, pixelSpacingMm } = prepared.value
    const sliceIndex = target.kind === 'series' ? target.sliceIndex : 0
    const imageSha256 = await hashOf(sources, given, sliceIndex, hashes)
    if (!imageSha256.ok) {
      yield imageSha256
      return
    }
    const caseId = `case-${String(number).padStart(4, '0')}`
    number += 1
    const patientId = pseudonymOf(key, patient, 'P')
    const facts = { caseId, patientId, imageSha256: imageSha256.value, spacingMm: pixelSpacingMm, sliceIndex }
    const isLearned =
      input.warnings.some(({ code }) => code === TRAINING_CASE) ||
      patientInTraining(manifest, patient).length > 0
    yield accept({
      made: await madeCase(sources, given, input, facts),
      glance: { patientId, imageSha256: imageSha256.value, blocks: blocksOf(input) },
      isLearned,
    })
  }
}

/** Over the pixels of a slice, or those of a photograph: the key of its subject. */
async function hashOf(
  { library }: CaseSources,
  { subject, found }: SubjectReadings,
  sliceIndex: number,
  known: Map<number, string>,
): Promise<Result<string>> {
  if (subject.kind === 'image') return accept(found.key.slice('image:'.length))
  const before = known.get(sliceIndex)
  if (before !== undefined) return accept(before)
  const pixels = await library.slicePixels(subject.seriesUid, sliceIndex)
  if (!pixels.ok) return pixels
  const { description, bytes } = pixels.value
  const hash = createHash('sha256').update(`${description.widthPx}x${description.heightPx}:`).update(bytes)
  const digest = hash.digest('hex')
  known.set(sliceIndex, digest)
  return accept(digest)
}

interface CaseFacts {
  readonly caseId: string
  readonly patientId: string
  readonly imageSha256: string
  readonly spacingMm: PixelSpacing | null
  readonly sliceIndex: number
}

async function madeCase(
  { keep }: CaseSources,
  given: SubjectReadings,
  input: ModelInput,
  { sliceIndex, ...facts }: CaseFacts,
): Promise<SetCase> {
  const { grid, widthPx, heightPx, values, fieldOfView } = input
  const size = { widthPx, heightPx }
  const readings: SetCase['readings'] = []
  for (const [index, reading] of given.readings.entries()) {
    const pixels = padded(maskOnGrid(reading, sliceIndex, input, given), size)
    const { rater, attemptId, revision } = reading
    const mask = await keep(`${facts.caseId}/mask-${index + 1}.raw`, pixels)
    readings.push({
      rater,
      attemptId,
      revision,
      mask,
      markedPx: pixels.reduce((sum, pixel) => sum + pixel, 0),
    })
  }
  return {
    ...facts,
    words: wordsOf(given, sliceIndex),
    channels: input.channels === 3 ? 3 : 1,
    ...size,
    contentPx: { height: grid.heightPx, width: grid.widthPx },
    input: await keep(`${facts.caseId}/input.raw`, littleEndian(values)),
    fieldOfView:
      fieldOfView === null
        ? null
        : await keep(`${facts.caseId}/field-of-view.raw`, padded(fieldOfView, size)),
    readings,
  }
}

const wordsOf = ({ found }: SubjectReadings, sliceIndex: number): string =>
  found.detail === null
    ? 'photograph'
    : `${found.detail.summary.modality}, slice ${sliceNumber(countedStack(found.detail), sliceIndex)}`

/** All that the reader marked there, on the pixels of the input's content. */
function maskOnGrid(
  { structures }: SubjectReading,
  sliceIndex: number,
  { grid }: ModelInput,
  { subject, found }: SubjectReadings,
): Mask {
  const drawn = structures.flat().filter((outline) => outline.sliceIndex === sliceIndex)
  if (subject.kind === 'series') return union(drawn, grid)
  const { widthPx, heightPx } = found
  const whole = union(drawn, { originColumn: 0, originRow: 0, widthPx, heightPx })
  return scaleMask(whole, grid)
}

interface Area {
  readonly originColumn: number
  readonly originRow: number
  readonly widthPx: number
  readonly heightPx: number
}

function union(drawn: readonly SliceOutline[], { originColumn, originRow, widthPx, heightPx }: Area): Mask {
  const pixels = new Uint8Array(widthPx * heightPx)
  for (const { placed } of drawn) {
    const { mask } = placed
    for (let row = 0; row < mask.heightPx; row += 1) {
      const at = row + placed.originRow - originRow
      if (at < 0 || at >= heightPx) continue
      for (let column = 0; column < mask.widthPx; column += 1) {
        const to = column + placed.originColumn - originColumn
        if (to >= 0 && to < widthPx && mask.pixels[row * mask.widthPx + column] === 1)
          pixels[at * widthPx + to] = 1
      }
    }
  }
  return { widthPx, heightPx, pixels }
}

/** A mask at the upper left of a larger one, nothing set in what is added. */
function padded(
  mask: Mask,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): Uint8Array {
  if (mask.widthPx === widthPx && mask.heightPx === heightPx) return mask.pixels
  return union([{ sliceIndex: 0, placed: { originColumn: 0, originRow: 0, mask } }], {
    ...{ originColumn: 0, originRow: 0, widthPx, heightPx },
  }).pixels
}

function littleEndian(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true)
  })
  return new Uint8Array(view.buffer)
}

/** Refused where a package cannot be trained from at all. */
export function trainable({ id, kind, checkpoint }: Manifest): Result<null> {
  if (kind === 'unet')
    return refuse('model-mismatch', `The model "${id}" draws one outline and has no spread to train.`, {
      next: 'Choose a model that draws samples.',
    })
  if (checkpoint !== undefined) return accept(null)
  return refuse('model-mismatch', `The package "${id}" brings no checkpoint to train from.`, {
    next: 'Choose a package that holds one (margin models).',
  })
}
