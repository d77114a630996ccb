import type { NewRecent, Result, SeriesDetail } from '../../contract'
import { bodyValues, displayGrey } from '../../core/image/display'
import { paddingRange } from '../../core/image/padding'
import { rangeWithout } from '../../core/image/range'
import { windowOver } from '../../core/image/window'
import type { PixelBody } from './library-service'
import type { Pictures } from '../pictures/picture-process'

/** A slice in the given window, else the first of its series (or over all of its values) as a small PNG; pixels keep their true shape. */
export async function sliceThumbnail(
  detail: SeriesDetail,
  body: PixelBody,
  { pixelsThumbnail }: Pick<Pictures, 'pixelsThumbnail'>,
  shown: Pick<NonNullable<NewRecent['shown']>, 'window' | 'inverted'> = { window: null, inverted: false },
): Promise<Result<Uint8Array>> {
  const { description, bytes } = body
  const { spacingMm } = detail.summary
  const size = { widthPx: description.widthPx, heightPx: description.heightPx }
  const aspect = spacingMm === null ? 1 : spacingMm.row / spacingMm.column
  if (description.type === 'rgb8') return pixelsThumbnail({ ...size, pixels: bytes, channels: 3 }, aspect)
  const range = rangeWithout(bodyValues(description, bytes), paddingRange(description))
  const ends = [range.least, range.most].map((stored) => stored * description.slope + description.intercept)
  const chosen = shown.window === null ? null : { ...shown.window, label: '' }
  const window = chosen ?? detail.windows[0] ?? windowOver(Math.min(...ends), Math.max(...ends))
  const grey = displayGrey(
    description,
    bytes,
    window,
    (detail.photometric === 'MONOCHROME1') !== shown.inverted,
  )
  return pixelsThumbnail({ ...size, pixels: grey, channels: 1 }, aspect)
}
