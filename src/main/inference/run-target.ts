import { createHash } from 'node:crypto'
import { accept, refuse } from '../../contract'
import type {
  InstalledModel,
  Manifest,
  ModelModality,
  PixelSpacing,
  Result,
  RunTarget,
  SeriesSpacing,
  Slice,
  Subject,
  Warning,
} from '../../contract'
import { UNITS_DIFFER } from '../../core/geometry/apart'
import type { Mask } from '../../core/image/mask'
import { fileName } from '../../core/words/case-words'
import { modelModality } from '../../core/subject/modalities'
import { idOfSubject, placeOfTarget, subjectOfTarget } from '../../core/subject/subject'
import { placeNow } from '../../core/subject/slice-places'
import { kindOf } from '../../core/subject/subject-kinds'
import { type CountedStack, countedStack } from '../../core/geometry/slice-number'
import { cropForModel } from '../../core/sampling/model-input'
import type { ModelInput } from '../../core/sampling/model-input'
import { photographFit } from '../../core/sampling/photograph-fit'
import type { LibraryService } from '../library/library-service'
import type { Inference } from './process/host'
import { storedValues } from './stored-values'
import { photographInTraining } from './training-set'

export type PlaceInSeries = NonNullable<ReturnType<typeof placeOfTarget>>

/** What a run is about, found in the library. */
export interface FoundTarget {
  readonly subject: Subject
  readonly modality: ModelModality
  /** The place that is drawn around; null: the picture is drawn whole. */
  readonly place: PlaceInSeries | null
  /** The slice of the place. */
  readonly slice: Slice | null
  /** How slices are counted for people; null where there is one picture. */
  readonly stack: CountedStack | null
  readonly spacingMm: SeriesSpacing | null
  readonly sliceThicknessMm: number | null
  /** As the files state them; empty of a photograph. */
  readonly patientId: string
  readonly bodyPart: string
  /** What the library says of the picture. */
  readonly warnings: readonly Warning[]
}

/** The field of view that lies beside a photograph, null where there is none. */
export type FieldOfViewOf = (imageId: string) => Promise<Mask | null>

/** Finds what the request names. Refused: what is not open, a modality that no model here reads. */
export function findTarget(library: LibraryService, target: RunTarget): Result<FoundTarget> {
  const subject = subjectOfTarget(target)
  const place = placeOfTarget(target)
  if (place === null) return findWhole(library, subject)
  const detail = library.seriesDetail(place.seriesUid)
  if (!detail.ok) return detail
  const { summary, slices, sliceThicknessMm } = detail.value
  const modality = modelModality(summary.modality)
  if (modality === null) {
    const stated = summary.modality === '' ? 'a series without a modality' : summary.modality
    return refuse('model-mismatch', `No model here reads ${stated}.`, { next: 'Choose a CT series.' })
  }
  const sliceIndex = placeNow(place, slices)
  if (!sliceIndex.ok) return sliceIndex
  const slice = slices[sliceIndex.value] ?? null
  const areUnitsMixed = summary.warnings.some(({ code }) => code === UNITS_DIFFER)
  if (areUnitsMixed && slice !== null && slice.rescale.unit !== 'HU')
    return refuse(
      'model-mismatch',
      `This slice has values in ${slice.rescale.unit === '' ? 'no unit' : slice.rescale.unit}, others of its series in HU: no model here reads them.`,
      { next: 'Choose a slice in HU.' },
    )
  return accept({
    ...{ subject, modality, sliceThicknessMm, spacingMm: summary.spacingMm, warnings: summary.warnings },
    ...{ patientId: summary.patientId, bodyPart: summary.bodyPart },
    place: { ...place, sliceIndex: sliceIndex.value },
    slice,
    stack: countedStack(detail.value),
  })
}

function findWhole(library: LibraryService, subject: Subject): Result<FoundTarget> {
  const image = library.current().images.find(({ imageId }) => imageId === idOfSubject(subject))
  if (image === undefined)
    return refuse('not-found', `There is no photograph ${idOfSubject(subject)} open.`, {
      next: 'Open its folder first.',
    })
  const { modality } = kindOf(subject)
  return accept({
    ...{ subject, modality, place: null, slice: null, stack: null, spacingMm: null, sliceThicknessMm: null },
    ...{ patientId: '', bodyPart: '' },
    warnings: image.warnings,
  })
}

/** The package asked for, or the first sound one for the modality. Refused: none, an unsound one, one for something else. */
export function chooseModel(
  models: readonly InstalledModel[],
  modality: Manifest['modality'],
  modelId: string | null,
): Result<InstalledModel & { readonly manifest: Manifest }> {
  const candidates = models.filter((model) =>
    modelId === null
      ? model.manifest?.modality === modality && model.standing?.experimental !== true
      : model.id === modelId,
  )
  const sound = candidates.find((model) => model.refusal === null) ?? candidates[0]
  if (sound === undefined) {
    const asked =
      modelId === null ? `No model for ${modality} is installed.` : `There is no model "${modelId}".`
    return refuse('model-missing', asked, { next: 'See the installed models with "margin models".' })
  }
  if (sound.refusal !== null) return { ok: false, refusal: sound.refusal }
  const { manifest } = sound
  if (manifest === null) return refuse('model-refused', `The model "${sound.id}" has no manifest.`)
  if (manifest.modality === modality) return accept({ ...sound, manifest })
  return refuse(
    'model-mismatch',
    `The model "${sound.id}" reads ${manifest.modality}, this is ${modality}.`,
    {
      next: 'Choose another model, or none, so that the one that fits is taken.',
    },
  )
}

/** An image as the network reads it, with a key that names its content. */
export interface PreparedInput {
  readonly input: ModelInput
  readonly inputKey: string
  readonly pixelSpacingMm: PixelSpacing | null
}

/** Where pixels and fields of view come from, and what scales photographs. */
export interface InputSources {
  readonly library: LibraryService
  readonly fieldOfViewOf: FieldOfViewOf
  readonly preparePhotograph: Inference['preparePhotograph']
}

/** Reads the pixels of a target and brings them to the network's numbers. */
export async function prepareInput(
  sources: InputSources,
  target: FoundTarget,
  manifest: Manifest,
): Promise<Result<PreparedInput>> {
  const input =
    target.place === null
      ? await photographOf(sources, idOfSubject(target.subject), manifest)
      : await cropOf(sources.library, target.place, manifest)
  if (!input.ok) return input
  const spacing = target.spacingMm
  return accept({
    input: input.value,
    inputKey: keyOf(input.value),
    pixelSpacingMm: spacing === null ? null : { row: spacing.row, column: spacing.column },
  })
}

async function cropOf(
  library: LibraryService,
  at: PlaceInSeries,
  manifest: Manifest,
): Promise<Result<ModelInput>> {
  const { sizePx, intensity } = manifest.input
  if (sizePx === null || intensity.kind === 'channelStats') return unfit(manifest, 'a slice of a CT series')
  const pixels = await library.slicePixels(at.seriesUid, at.sliceIndex)
  if (!pixels.ok) return pixels
  const { description } = pixels.value
  const stored = storedValues(pixels.value)
  if (stored === null) {
    return refuse('pixel-format-unsupported', `The slice holds ${description.type} pixels, not grey values.`)
  }
  const { widthPx, heightPx, slope, intercept, paddingStored, paddingLimitStored } = description
  const frame = { widthPx, heightPx, stored, slope, intercept, paddingStored, paddingLimitStored }
  const cropped = cropForModel(frame, at, { sizePx, intensity })
  if (!cropped.ok) return cropped
  return accept(withWarnings(cropped.value, description))
}

async function photographOf(
  { library, fieldOfViewOf, preparePhotograph }: InputSources,
  imageId: string,
  manifest: Manifest,
): Promise<Result<ModelInput>> {
  const { heightPx, multipleOf, channels, intensity } = manifest.input
  if (heightPx === null || channels !== 3 || intensity.kind !== 'channelStats')
    return unfit(manifest, 'a photograph')
  const pixels = await library.photograph(imageId)
  if (!pixels.ok) return pixels
  const { description, bytes } = pixels.value
  if (description.type !== 'rgb8') {
    return refuse('pixel-format-unsupported', `The photograph came as ${description.type}, not as colours.`)
  }
  const picture = { widthPx: description.widthPx, heightPx: description.heightPx, rgb: bytes }
  const fit = photographFit(picture, description.warnings, heightPx)
  if (!fit.ok) return fit
  const given = await fieldOfViewOf(imageId)
  const prepared = await preparePhotograph(picture, given, { heightPx, multipleOf })
  const name = library.current().images.find((image) => image.imageId === imageId)?.name ?? ''
  const learned = photographInTraining(manifest, name, bytes)
  const unusable = given === null ? unusableField(library, imageId) : []
  const warnings = [...description.warnings, ...fit.value, ...learned, ...unusable]
  return prepared.ok ? accept(withWarnings(prepared.value, { warnings })) : prepared
}

/** Said where a field of view lies beside a photograph and was not taken: it is not to be missed that another one counts. */
function unusableField(library: LibraryService, imageId: string): readonly Warning[] {
  const beside = library
    .current()
    .annotations.find((one) => one.kind === 'field-of-view' && one.imageId === imageId)
  if (beside === undefined) return []
  const text = `${fileName(beside.path)} beside this photograph is not used as its field of view: it is no mask of the photograph’s size that can be read. Shares are of the field that was found instead.`
  return [{ code: 'field-of-view-unused', text }]
}

const unfit = (manifest: Manifest, what: string): Result<never> =>
  refuse('model-mismatch', `The model "${manifest.id}" is not made for ${what}.`)

const withWarnings = (
  input: ModelInput,
  { warnings }: { readonly warnings: readonly Warning[] },
): ModelInput => ({
  ...input,
  warnings: [...warnings, ...input.warnings],
})

function keyOf(input: ModelInput): string {
  const { values, channels, heightPx, widthPx } = input
  return createHash('sha256')
    .update(`${channels} ${heightPx} ${widthPx} `)
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')
}
