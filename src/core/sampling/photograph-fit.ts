/** Whether a photograph is one that a model of photographs can say anything about, told before it is scaled. */
import { accept, refuse, type Result, type Warning } from '../../contract'
import type { SizePx } from './resample'

/** Of the model's height: a shorter side below it is enlarged to more than twice its size. */
const SMALL_OF_HEIGHT = 1 / 2
/** Vessels are narrower than a pixel there. */
const LEAST_OF_HEIGHT = 1 / 8
/** Fundus cameras write 1:1 to 16:9; wide-field ones about 4:3. */
const MOST_ASPECT = 4

const CMYK = 'picture-cmyk'

/** Said of a picture in the colours of print, by whoever decodes it. */
export const CMYK_WARNING: Warning = {
  code: CMYK,
  text: 'The picture is in colours for print (CMYK): they are shown converted, and are not those that the camera took. No model runs on it.',
}

/**
 * What is to be said of a photograph that is much smaller than what a model of this height has learned from. Refused: one
 * that is smaller still, one so long that it is no photograph of an eye (its grid would have no bounds), colours for print.
 */
export function photographFit(
  { widthPx, heightPx }: SizePx,
  warnings: readonly Warning[],
  modelHeightPx: number,
): Result<readonly Warning[]> {
  const size = `${widthPx} × ${heightPx} px`
  if (warnings.some(({ code }) => code === CMYK))
    return refuse('model-mismatch', 'The picture is in colours for print (CMYK): no model was run on it.', {
      next: 'Save the original photograph as RGB (PNG, JPEG or TIFF), and open that.',
    })
  const shorter = Math.min(widthPx, heightPx)
  if (shorter < LEAST_OF_HEIGHT * modelHeightPx)
    return refuse(
      'model-mismatch',
      `The picture is ${size}, too small to show vessels: the model reads photographs ${modelHeightPx} px high.`,
      { next: 'Open the photograph itself, not its thumbnail.' },
    )
  if (Math.max(widthPx, heightPx) > MOST_ASPECT * shorter)
    return refuse(
      'model-mismatch',
      `The picture is ${size}: one side is more than ${MOST_ASPECT} times the other, so it is no photograph of an eye.`,
      { next: 'Open the photograph itself, not a strip of it.' },
    )
  if (shorter >= SMALL_OF_HEIGHT * modelHeightPx) return accept([])
  const text = `The photograph is ${size}, much smaller than what the model has learned from: it was enlarged to ${modelHeightPx} px in height, and vessels that it does not show are missing from every figure. Draw the photograph in its full size.`
  return accept([{ code: 'photograph-small', text }])
}
