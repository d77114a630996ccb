import type { VolumePlaces } from '../../../core/volume/volume-places'
import type { Pixels } from '../../wire/http'
import type { CutAsked, CutPlane, PlaneAnswer, PlaneRequest } from './plane-messages'

/** Cuts planes of one volume in a worker. */
export interface PlaneClient {
  readonly addSlice: (index: number, pixels: Pixels) => void
  /** Of what has come so far; null before the first slice. */
  readonly cut: (asked: CutAsked) => Promise<CutPlane | null>
  /** Ends the worker; what was asked for is not answered any more. */
  readonly close: () => void
}

export function startPlaneClient(places: VolumePlaces): PlaneClient {
  const worker = new Worker(new URL('./plane.worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, (made: CutPlane | null) => void>()
  let last = 0
  const send = (request: PlaneRequest, transfer: ArrayBuffer[]): void => {
    worker.postMessage(request, transfer)
  }
  worker.addEventListener('message', ({ data }: MessageEvent<PlaneAnswer>) => {
    waiting.get(data.cut)?.(data.made)
    waiting.delete(data.cut)
  })
  // Plain copies: what comes from a reactive store cannot be sent.
  send({ kind: 'begin', places: structuredClone(places) }, [])
  return {
    addSlice: (index, { description, bytes }) => {
      send({ kind: 'slice', index, description, bytes }, [bytes])
    },
    cut: (asked) => {
      const cut = (last += 1)
      send({ kind: 'cut', cut, asked }, [])
      return new Promise((resolve) => waiting.set(cut, resolve))
    },
    close: () => {
      worker.terminate()
    },
  }
}
