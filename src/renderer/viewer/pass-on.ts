import type { ProbeReading, ViewportWindow } from './viewport-types'

type Told = ((event: 'probe', reading: ProbeReading | null) => void) &
  ((event: 'scroll', slices: number) => void) &
  ((event: 'slice', index: number) => void) &
  ((event: 'window', window: ViewportWindow) => void)

/** Listeners of a view of several: each says the same things to whoever shows them all. */
export const passOn = (emit: Told) => ({
  onProbe: (reading: ProbeReading | null) => {
    emit('probe', reading)
  },
  onScroll: (slices: number) => {
    emit('scroll', slices)
  },
  onSlice: (index: number) => {
    emit('slice', index)
  },
  onWindow: (window: ViewportWindow) => {
    emit('window', window)
  },
})
