import type { OverlayAnswer, OverlayRequest } from './overlay-messages'
import { startOverlayRun, type OverlayRun, type OverlayUpdate } from './run-overlay'

/**
 * The worker's side. Samples are taken in as they come; what is drawn of them is worked out `later`, once for all
 * that were waiting. The answer's buffers move to the page: none of them is kept.
 */
export function overlayService(
  post: (answer: OverlayAnswer, transfer: Transferable[]) => void,
  later: (act: () => void) => void,
): (request: OverlayRequest) => void {
  let current: { readonly run: number; readonly overlay: OverlayRun } | null = null
  let waiting = false

  const answer = (): void => {
    if (!waiting) return
    waiting = false
    if (current === null) return
    const update = current.overlay.update()
    post({ kind: 'update', run: current.run, update }, buffersOf(update))
  }
  return (request) => {
    if (request.kind === 'settle') {
      answer()
      post({ kind: 'settled', mark: request.mark }, [])
      return
    }
    if (request.kind === 'begin') {
      current = { run: request.run, overlay: startOverlayRun(request.grid, request.fieldOfView) }
      return
    }
    if (request.kind === 'masks') current?.overlay.addMasks(request.chunk)
    else current?.overlay.addFields(request.chunk)
    if (waiting) return
    waiting = true
    later(answer)
  }
}

function buffersOf({ outlines, bands, envelope, counts, informationBits }: OverlayUpdate): ArrayBuffer[] {
  const rings = [
    ...outlines.flatMap((outline) => outline.rings),
    ...[...(bands ?? []), ...(envelope === null ? [] : [envelope])].flatMap(({ outer, inner }) => [
      ...outer,
      ...inner,
    ]),
  ]
  const maps = [counts.buffer, ...(informationBits === null ? [] : [informationBits.buffer])]
  const buffers = new Set([...rings.map((ring) => ring.buffer), ...maps])
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer)
}
