import type { Grid } from '../../contract'
import type { OverlayClient } from '../viewer/worker/overlay-types'
import { getBytes } from '../wire/http'

/** Bytes of sub-pixel fields asked for at once: outlines sharpen step by step, and no answer is large. */
const BYTES_AT_ONCE = 4_000_000

/**
 * Fetches the sub-pixel fields of a run's samples and gives them to the overlay. Where the program has let them go
 * already, outlines stay along the pixels' edges: a picture less fine, not a wrong one.
 */
export async function sharpen(
  client: OverlayClient,
  runId: string,
  grid: Grid,
  sampleCount: number,
  signal: AbortSignal,
): Promise<void> {
  const pixelCount = grid.widthPx * grid.heightPx
  const atOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / pixelCount))
  for (let firstIndex = 0; firstIndex < sampleCount; firstIndex += atOnce) {
    const count = Math.min(atOnce, sampleCount - firstIndex)
    const path = `runs/${encodeURIComponent(runId)}/fields?first=${firstIndex}&count=${count}`
    const answer = await getBytes(path, signal)
    if (!answer.ok || answer.value.byteLength !== count * pixelCount || signal.aborted) return
    client.addFields({ firstIndex, count, fields: new Int8Array(answer.value) })
  }
}
