/** Grey pictures as the planes of a stack: their values as they are stored, 8 or 16 bit. */
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { isLabelMap } from '../../core/exchange/nifti/label-map'
import { greySlice, type SliceBody } from '../../core/image/slice-body'
import { MAX_PICTURE_PIXELS, PICTURE_LIMIT_SECONDS } from './limits'
import type { PictureInput } from './photograph'

/** What all planes of a grey picture hold. */
export interface GreyPlanes {
  readonly planes: number
  /** SHA-256 of size, bits and values. */
  readonly sha256: string
  /** They are labels or shares: what somebody drew. */
  readonly isDrawn: boolean
}

interface Plane {
  readonly widthPx: number
  readonly heightPx: number
  readonly values: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>
}

const open = (input: PictureInput, page: number) =>
  sharp(input, { limitInputPixels: MAX_PICTURE_PIXELS, failOn: 'error', pages: 1, page }).timeout({
    seconds: PICTURE_LIMIT_SECONDS,
  })

/** Throws what libvips throws, and where the plane is not grey of 8 or 16 bit. */
async function planeOf(input: PictureInput, page: number): Promise<Plane> {
  const { channels, depth } = await open(input, page).metadata()
  if (channels !== 1 || (depth !== 'uchar' && depth !== 'ushort')) throw new Error('no grey of 8 or 16 bit.')
  const isDeep = depth === 'ushort'
  const kept = isDeep
    ? open(input, page).pipelineColourspace('grey16').toColourspace('grey16')
    : open(input, page).toColourspace('b-w')
  const { data, info } = await kept.raw({ depth }).toBuffer({ resolveWithObject: true })
  if (info.channels !== 1) throw new Error('no grey.')
  const bytes = Uint8Array.from(data)
  return {
    widthPx: info.width,
    heightPx: info.height,
    values: isDeep ? new Uint16Array(bytes.buffer) : bytes,
  }
}

/** Looks at every plane; null where they are not all grey, of one size and depth. */
export async function describeGreyPlanes(input: PictureInput): Promise<Result<GreyPlanes | null>> {
  try {
    const { pages = 1 } = await open(input, 0).metadata()
    const hash = createHash('sha256')
    let isDrawn = true
    let shape = ''
    for (let page = 0; page < pages; page += 1) {
      const { widthPx, heightPx, values } = await planeOf(input, page)
      const own = `${widthPx} ${heightPx} ${values.BYTES_PER_ELEMENT}`
      if (page > 0 && own !== shape) return accept(null)
      if (page === 0) hash.update(own)
      shape = own
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      isDrawn &&= isLabelMap([values])
    }
    return accept({ planes: pages, sha256: hash.digest('hex'), isDrawn })
  } catch {
    return accept(null)
  }
}

/** One plane as a slice: stored values, without a unit. */
export async function greyPlane(input: PictureInput, page: number): Promise<Result<SliceBody>> {
  try {
    const { values, ...size } = await planeOf(input, page)
    const frame = {
      ...size,
      form: 'grey',
      dtype: values instanceof Uint8Array ? 'u1' : 'u2',
      values,
    } as const
    return accept(greySlice(frame, values, { slope: 1, intercept: 0, unit: '', paddingStored: null }, []))
  } catch (error) {
    const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    return refuse('picture-unsupported', `The picture cannot be read: ${words}`)
  }
}
