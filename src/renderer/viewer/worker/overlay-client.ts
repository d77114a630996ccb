import type { OverlayAnswer, OverlayRequest } from './overlay-messages'
import type { BandRings, EnvelopeRings, Outline, OverlayClient, RunOverlay } from './overlay-types'
import { unpackField } from './run-overlay'

/** What the client needs of a Worker. */
export interface OverlayPort {
  readonly postMessage: (request: OverlayRequest, transfer: Transferable[]) => void
  readonly addEventListener: (kind: 'message', listener: (event: MessageEvent<OverlayAnswer>) => void) => void
  readonly terminate: () => void
}

/** Starts the worker. `onOverlay` gets a new overlay whenever something was added to the run that was begun last. */
export const startOverlayClient = (onOverlay: (overlay: RunOverlay) => void): OverlayClient =>
  connectOverlayClient(
    new Worker(new URL('./overlay.worker.ts', import.meta.url), { type: 'module' }),
    onOverlay,
  )

/** The client on a worker that runs `overlay.worker.ts`. */
export function connectOverlayClient(
  port: OverlayPort,
  onOverlay: (overlay: RunOverlay) => void,
): OverlayClient {
  let run = 0
  let frame: Pick<RunOverlay, 'grid' | 'fieldOfView'> | null = null
  let outlines: Outline[] = []
  let bands: readonly BandRings[] = []
  let envelope: EnvelopeRings | null = null
  const marks = new Map<number, () => void>()
  let lastMark = 0
  port.addEventListener('message', ({ data }) => {
    if (data.kind === 'settled') {
      marks.get(data.mark)?.()
      marks.delete(data.mark)
      return
    }
    if (data.run !== run || frame === null) return
    outlines = outlines.slice()
    for (const outline of data.update.outlines) outlines[outline.sampleIndex] = outline
    if (data.update.bands !== null) ({ bands, envelope } = { ...data.update, bands: data.update.bands })
    onOverlay({ ...frame, ...data.update, outlines, bands, envelope })
  })
  return {
    begin: (grid, fieldOfView) => {
      run += 1
      outlines = []
      bands = []
      envelope = null
      // Plain copies: what comes from a reactive store cannot be sent.
      frame = { grid: { ...grid }, fieldOfView: unpackField(grid, fieldOfView) }
      port.postMessage({ kind: 'begin', run, ...frame }, [])
    },
    addMasks: ({ firstIndex, count, masks }) => {
      port.postMessage({ kind: 'masks', chunk: { firstIndex, count, masks } }, [])
    },
    addFields: ({ firstIndex, count, fields }) => {
      port.postMessage({ kind: 'fields', chunk: { firstIndex, count, fields } }, [])
    },
    settled: () => {
      const mark = (lastMark += 1)
      port.postMessage({ kind: 'settle', mark }, [])
      return new Promise((resolve) => marks.set(mark, resolve))
    },
    close: () => {
      port.terminate()
    },
  }
}
