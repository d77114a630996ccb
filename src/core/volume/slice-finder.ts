import type { VolumePlaces } from './volume-places'

/** The two slices about a distance along the normal, and how far it is on the way to the second. */
export interface Between {
  lower: number
  share: number
}

/** Finds slices, from where it found the last ones on. `lower` is -1 outside of the volume and in gaps. */
export class SliceFinder {
  private at = 0
  private readonly alongMm: readonly number[]
  private readonly isGapAfter: readonly boolean[]
  private readonly beforeMm: number
  private readonly behindMm: number
  private readonly halfMm: number
  readonly found: Between = { lower: -1, share: 0 }

  constructor({ alongMm, isGapAfter }: VolumePlaces) {
    const last = alongMm.length - 1
    this.alongMm = alongMm
    this.isGapAfter = isGapAfter
    const steps = alongMm.slice(1).map((mm, index) => mm - (alongMm[index] ?? 0))
    this.halfMm = Math.min(...steps) / 2
    // A slice stands for half a step to both sides, the first and the last too; a gap beside it is no step.
    const halfStep = (at: number): number => (isGapAfter[at] === true ? this.halfMm : (steps[at] ?? 0) / 2)
    this.beforeMm = halfStep(0)
    this.behindMm = halfStep(last - 1)
  }

  find(mm: number): Between {
    const { alongMm, found } = this
    const last = alongMm.length - 1
    const end = alongMm[last] ?? 0
    found.share = 0
    if (mm <= 0 || mm >= end) {
      const isNear = mm <= 0 ? mm >= -this.beforeMm : mm <= end + this.behindMm
      found.lower = !isNear ? -1 : mm <= 0 ? 0 : last
      return found
    }
    while (mm < (alongMm[this.at] ?? 0)) this.at -= 1
    while (mm >= (alongMm[this.at + 1] ?? Infinity)) this.at += 1
    const from = alongMm[this.at] ?? 0
    const to = alongMm[this.at + 1] ?? from
    found.lower = this.at
    found.share = (mm - from) / (to - from)
    if (this.isGapAfter[this.at] === true) {
      if (mm - from <= this.halfMm) found.share = 0
      else if (to - mm <= this.halfMm) found.share = 1
      else found.lower = -1
    }
    return found
  }
}
