/** A turn of the wheel, as the browser tells it. */
export interface WheelTurn {
  readonly deltaX: number
  readonly deltaY: number
  /** 0 pixels, 1 lines, 2 pages: WheelEvent.deltaMode. */
  readonly deltaMode: number
  readonly timeMs: number
}

const PX_PER = { line: 33, page: 400 }

/** Pixels of a turn; Shift makes some browsers report the other axis. */
export function wheelPx(turn: WheelTurn): number {
  const delta = turn.deltaY === 0 ? turn.deltaX : turn.deltaY
  if (turn.deltaMode === 1) return delta * PX_PER.line
  return turn.deltaMode === 2 ? delta * PX_PER.page : delta
}

/** Wheel turns to whole slices: one a notch, one for every 30 px of a touchpad. `left` is the travel not yet used. */
export interface WheelTravel {
  readonly leftPx: number
  readonly timeMs: number
}

export const NO_TRAVEL: WheelTravel = { leftPx: 0, timeMs: -Infinity }

/** A notch of a mouse wheel is 100 or 120 px in browsers; touchpads send many small ones. */
const NOTCH_PX = 50
/** Travel on a touchpad for one slice. */
const TOUCHPAD_PX_PER_SLICE = 30
/** After this pause a touchpad starts a new movement. */
const PAUSE_MS = 250

export function slicesOfTurn(
  before: WheelTravel,
  turn: WheelTurn,
): { readonly slices: number; readonly travel: WheelTravel } {
  const px = wheelPx(turn)
  if (Math.abs(px) >= NOTCH_PX) {
    const slices = Math.sign(px) * Math.max(1, Math.round(Math.abs(px) / (2 * NOTCH_PX + 20)))
    return { slices, travel: { leftPx: 0, timeMs: turn.timeMs } }
  }
  const goesOn = turn.timeMs - before.timeMs <= PAUSE_MS && before.leftPx * px >= 0
  const leftPx = (goesOn ? before.leftPx : 0) + px
  const slices = Math.trunc(leftPx / TOUCHPAD_PX_PER_SLICE)
  return { slices, travel: { leftPx: leftPx - slices * TOUCHPAD_PX_PER_SLICE, timeMs: turn.timeMs } }
}

/** Zoom factor of a turn: a fifth a notch; a pinch on a touchpad comes as small turns and is followed more closely. */
export function zoomOfTurn(turn: WheelTurn): number {
  const px = wheelPx(turn)
  return Math.exp(-px * (Math.abs(px) >= NOTCH_PX ? Math.log(1.2) / 100 : 0.01))
}
