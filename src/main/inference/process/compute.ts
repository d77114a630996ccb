import { packedSizeBytes, unpackMask } from '../../../core/image/mask'
import { sliceReport } from '../../../core/measures/slice-report'
import { photographForModel } from '../../../core/sampling/photograph-input'
import type { ComputeRequest, InferenceReply } from './protocol'

/**
 * Answers what needs no graph: scaling a photograph and the report on a hundred of its masks take from a tenth of a
 * second to seconds, and the thread that serves must not stand still for so long.
 */
export function compute(request: ComputeRequest): InferenceReply {
  const { id } = request
  if (request.kind === 'prepare') {
    const { picture, givenField, heightPx, multipleOf } = request
    const made = photographForModel(picture, givenField, { heightPx, multipleOf })
    if (!made.ok) return { kind: 'refused', id, refusal: made.refusal }
    const { value } = made
    const { fieldOfView } = value
    return {
      kind: 'prepared',
      id,
      input: {
        ...value,
        values: new Float32Array(value.values),
        fieldOfView:
          fieldOfView === null ? null : { ...fieldOfView, pixels: new Uint8Array(fieldOfView.pixels) },
        warnings: [...value.warnings],
      },
    }
  }
  const { slice, count } = request
  const { widthPx, heightPx } = slice.grid
  const stepBytes = packedSizeBytes(widthPx * heightPx)
  const masks = Array.from({ length: count }, (_, sample) =>
    unpackMask(request.masks, widthPx, heightPx, sample * stepBytes),
  )
  return { kind: 'reported', id, report: sliceReport({ ...slice, masks }) }
}
