import { createHash } from 'node:crypto'
import { accept, refuse } from '../../contract'
import type {
  ImageSummary,
  InstalledModel,
  Manifest,
  PixelSpacing,
  Result,
  RunTarget,
  SeriesDetail,
  Warning,
} from '../../contract'
import type { Mask } from '../../core/image/mask'
import { cropForModel } from '../../core/sampling/model-input'
import type { ModelInput } from '../../core/sampling/model-input'
import type { LibraryService } from '../library/library-service'
import type { Inference } from './host'
import { storedValues } from './stored-values'

export type SeriesTarget = Extract<RunTarget, { readonly kind: 'series' }>

/** What a run is about, found in the library. */
export type FoundTarget =
  | {
      readonly kind: 'series'
      readonly modality: 'CT'
      readonly at: SeriesTarget
      readonly detail: SeriesDetail
    }
  | { readonly kind: 'image'; readonly modality: 'fundus'; readonly image: ImageSummary }

/** The field of view that lies beside a photograph, null where there is none. */
export type FieldOfViewOf = (imageId: string) => Promise<Mask | null>

/** Finds what the request names. Refused: what is not open, a modality that no model here reads. */
export function findTarget(library: LibraryService, target: RunTarget): Result<FoundTarget> {
  if (target.kind === 'image') {
    const image = library.current().images.find((candidate) => candidate.imageId === target.imageId)
    if (image !== undefined) return accept({ kind: 'image', modality: 'fundus', image })
    return refuse('not-found', `There is no photograph ${target.imageId} open.`, {
      next: 'Open its folder first.',
    })
  }
  const detail = library.seriesDetail(target.seriesUid)
  if (!detail.ok) return detail
  const { modality } = detail.value.summary
  if (modality === 'CT') return accept({ kind: 'series', modality, at: target, detail: detail.value })
  return refuse(
    'model-mismatch',
    `No model here reads ${modality === '' ? 'a series without a modality' : modality}.`,
    {
      next: 'Choose a CT series.',
    },
  )
}

/** The package asked for, or the first sound one for the modality. Refused: none, an unsound one, one for something else. */
export function chooseModel(
  models: readonly InstalledModel[],
  modality: Manifest['modality'],
  modelId: string | null,
): Result<InstalledModel & { readonly manifest: Manifest }> {
  const candidates = models.filter((model) =>
    modelId === null ? model.manifest?.modality === modality : model.id === modelId,
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
    target.kind === 'series'
      ? await cropOf(sources.library, target.at, manifest)
      : await photographOf(sources, target.image, manifest)
  if (!input.ok) return input
  const spacing = target.kind === 'series' ? target.detail.summary.spacingMm : null
  return accept({
    input: input.value,
    inputKey: keyOf(input.value),
    pixelSpacingMm: spacing === null ? null : { row: spacing.row, column: spacing.column },
  })
}

async function cropOf(
  library: LibraryService,
  at: SeriesTarget,
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
  const { widthPx, heightPx, slope, intercept, paddingStored } = description
  const frame = { widthPx, heightPx, stored, slope, intercept, paddingStored }
  const cropped = cropForModel(frame, at, { sizePx, intensity })
  if (!cropped.ok) return cropped
  return accept(withWarnings(cropped.value, description))
}

async function photographOf(
  { library, fieldOfViewOf, preparePhotograph }: InputSources,
  image: ImageSummary,
  manifest: Manifest,
): Promise<Result<ModelInput>> {
  const { heightPx, multipleOf, channels, intensity } = manifest.input
  if (heightPx === null || channels !== 3 || intensity.kind !== 'channelStats')
    return unfit(manifest, 'a photograph')
  const pixels = await library.photograph(image.imageId)
  if (!pixels.ok) return pixels
  const { description, bytes } = pixels.value
  if (description.type !== 'rgb8') {
    return refuse('pixel-format-unsupported', `The photograph came as ${description.type}, not as colours.`)
  }
  const picture = { widthPx: description.widthPx, heightPx: description.heightPx, rgb: bytes }
  const given = await fieldOfViewOf(image.imageId)
  const prepared = await preparePhotograph(picture, given, { heightPx, multipleOf })
  return prepared.ok ? accept(withWarnings(prepared.value, description)) : prepared
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
