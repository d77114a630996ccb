import { accept, ALMOST_BLACK, refuse, type Result, type Warning } from '../../contract'

/** A model sees nothing in a picture that is almost black, and answers all the same: only where that is asked for. */
export function refuseBlack(warnings: readonly Warning[], evenBlack: boolean | undefined): Result<null> {
  const isBlack = warnings.some(({ code }) => code === ALMOST_BLACK)
  if (!isBlack || evenBlack === true) return accept(null)
  return refuse(ALMOST_BLACK, 'The picture is almost black: no model was run on it.', {
    next: 'Look at it, and save it again with its full range; or draw all the same (--even-black on the command line).',
  })
}

/** Nothing can be seen below this, of 255. A photograph of an eye has a hundredth of its pixels above it, and more. */
const DARK = 20
const LEAST_BRIGHT_FRACTION = 0.01

/** Of the red, green and blue of a picture: a warning where next to nothing of it can be seen. */
export function blackWarnings(rgb: Uint8Array): readonly Warning[] {
  let bright = 0
  for (let at = 0; at < rgb.length; at += 3)
    if (Math.max(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0) > DARK) bright += 1
  if (bright >= (LEAST_BRIGHT_FRACTION * rgb.length) / 3) return []
  const text = 'The picture is almost black: its values may be shown wrongly. No model runs on it unasked.'
  return [{ code: ALMOST_BLACK, text }]
}
