import { accept, refuse } from '../../contract'
import type { LatentRequest, Result } from '../../contract'
import { toBase64 } from '../../core/image/base64'
import { type Mask, packedSizeBytes, unpackMask } from '../../core/image/mask'
import { directionEffects, sidesOf } from '../../core/sampling/direction-effects'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import type { PrepareRun, PreparedRun } from './prepared-run'
import type { Inference, LatentPlaces } from './process/host'
import type { LatentExplorer } from './run-service'

/** Answers for places of the latent; the encoder runs once for a picture, then each place costs one sample. */
export function createLatentExplorer(
  prepare: PrepareRun,
  inference: Pick<Inference, 'sampleAt'>,
): LatentExplorer {
  return {
    directions: async (request) => {
      const prepared = await prepareLatent(prepare, request)
      if (!prepared.ok) return prepared
      const { input, manifest } = prepared.value
      const drawn = await masksAt(inference, prepared.value, sidesOf(manifest.latent.dimension))
      return drawn.ok ? accept({ grid: input.grid, ...directionEffects(drawn.value.masks) }) : drawn
    },
    outlineAt: async (request) => {
      const prepared = await prepareLatent(prepare, request)
      if (!prepared.ok) return prepared
      const { input, manifest } = prepared.value
      const { dimension } = manifest.latent
      if (request.place.length > dimension) {
        return refuse(
          'request-invalid',
          `The latent of "${manifest.id}" has ${dimension} directions, not ${request.place.length}.`,
        )
      }
      const place = Array.from({ length: dimension }, (_, along) => request.place[along] ?? 0)
      const drawn = await masksAt(inference, prepared.value, [place])
      if (!drawn.ok) return drawn
      const [mask] = drawn.value.masks
      const areaPx = mask?.pixels.reduce((sum, pixel) => sum + pixel, 0) ?? 0
      return accept({ grid: input.grid, field: toBase64(new Uint8Array(drawn.value.fields)), areaPx })
    },
  }
}

async function prepareLatent(prepare: PrepareRun, request: LatentRequest): Promise<Result<PreparedRun>> {
  const prepared = await prepare({ ...request, samples: 1, seed: 0 })
  if (!prepared.ok || !drawsOneOutline(prepared.value.manifest)) return prepared
  return refuse('model-mismatch', `"${prepared.value.manifest.id}" draws one outline: it has no latent.`, {
    next: 'Choose a model that draws samples.',
  })
}

async function masksAt(
  inference: Pick<Inference, 'sampleAt'>,
  { job, input, manifest }: PreparedRun,
  places: LatentPlaces['places'],
): Promise<Result<{ readonly masks: readonly Mask[]; readonly fields: Int8Array }>> {
  const directions = manifest.draws?.kind === 'even' ? manifest.draws.directions : null
  const drawn = await inference.sampleAt(job, { directions, places })
  if (!drawn.ok) return drawn
  const { widthPx, heightPx } = input.grid
  const stepBytes = packedSizeBytes(widthPx * heightPx)
  const masks = places.map((_, at) => unpackMask(drawn.value.masks, widthPx, heightPx, at * stepBytes))
  return accept({ masks, fields: drawn.value.fields })
}
