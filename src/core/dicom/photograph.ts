/** DICOM objects that are photographs of an eye: told by their class, described by their header, drawn as 8-bit colours. */
import type { Warning } from '../../contract'
import { displayGrey } from '../image/display'
import type { PixelArray, StoredFrame } from '../image/pixel-layout'
import type { SliceBody } from '../image/slice-body'
import { windowOver } from '../image/window'
import type { Instance } from './instance'
import type { DataSet } from './read-elements'
import { statedEye } from './stated-eye'
import type { StatedEye } from './stated-eye'

/** What a photograph says of itself in its header. */
export interface DicomPhotograph {
  readonly width: number
  readonly height: number
  readonly bitsPerChannel: number
  readonly channels: number
  readonly eye: StatedEye | null
  readonly patientId: string
  readonly lossy: boolean
  readonly warnings: readonly Warning[]
}

/** Ophthalmic Photography 8 and 16 bit, wide field stereographic and by 3D coordinates (PS3.4 B.5). */
const OPHTHALMIC_PHOTOGRAPHY = new Set([
  '1.2.840.10008.5.1.4.1.1.77.1.5.1',
  '1.2.840.10008.5.1.4.1.1.77.1.5.2',
  '1.2.840.10008.5.1.4.1.1.77.1.5.5',
  '1.2.840.10008.5.1.4.1.1.77.1.5.6',
])
/** Secondary Capture and its kin, and VL Photographic: what cameras that know no class of their own write. */
const CAPTURES = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:7(?:\.[1-4])?|77\.1\.4)$/

/** Whether an object's class, and for plain captures its modality, say that it is a photograph of an eye. */
export const isOphthalmicPhotograph = ({
  sopClassUid,
  modality,
}: Pick<Instance, 'sopClassUid' | 'modality'>): boolean =>
  OPHTHALMIC_PHOTOGRAPHY.has(sopClassUid) || (modality === 'OP' && CAPTURES.test(sopClassUid))

/** Of a photograph of several frames: they stay together, and are looked at as slices are. */
export const framesWarning = (frames: number): Warning => ({
  code: 'photograph-frames',
  text: `The photograph has ${frames} frames and is shown as a series, on which no vessels are drawn.`,
})

/** Said of what lies in space, which a photograph does not. */
const OF_PLACES = /^(?:spacing-|position-|orientation-)/

function spacingWarnings({ frames }: Instance): readonly Warning[] {
  const spacing = frames[0]?.spacingMm ?? null
  if (spacing === null) return []
  const text = `The file states pixels of ${spacing.row} × ${spacing.column} mm. Sizes of a photograph are in pixels all the same.`
  const isSquare = Math.abs(spacing.row - spacing.column) <= 1e-4 * spacing.row
  const stretched = 'Its pixels are not square; they are drawn square.'
  return [
    { code: 'spacing-unused', text },
    ...(isSquare ? [] : [{ code: 'pixels-not-square', text: stretched }]),
  ]
}

/** Describes a photograph from its header. */
export function describeDicomPhotograph(set: DataSet, instance: Instance): DicomPhotograph {
  const { layout, warnings } = instance
  const eye = statedEye(set).value
  return {
    width: layout.columns,
    height: layout.rows,
    bitsPerChannel: layout.bitsStored,
    channels: layout.samplesPerPixel,
    eye,
    patientId: instance.patientId,
    lossy: instance.lossy,
    warnings: [...warnings.filter(({ code }) => !OF_PLACES.test(code)), ...spacingWarnings(instance)],
  }
}

/** Colours of more than 8 bits, by the bits that are stored. */
function colours(values: PixelArray, bitsStored: number): Uint8Array<ArrayBuffer> {
  if (values instanceof Uint8Array) return values
  const most = 2 ** bitsStored - 1
  return Uint8Array.from(values, (value) => Math.round((255 * Math.min(value, most)) / most))
}

const greyAsRgb = (grey: Uint8Array): Uint8Array<ArrayBuffer> => {
  const rgb = new Uint8Array(3 * grey.length)
  for (let at = 0; at < grey.length; at += 1) rgb.fill(grey[at] ?? 0, 3 * at, 3 * at + 3)
  return rgb
}

interface ShownPhotograph {
  readonly rgb: Uint8Array<ArrayBuffer>
  readonly warnings: readonly Warning[]
}

/**
 * A frame as red, green and blue of each pixel. Grey goes through the first window of the file, else over what its bits
 * can hold (signed: from its least value to its largest), as pictures of other kinds do. `body`: the same frame as it
 * crosses to the page, with the meaning of its values.
 */
export function photographRgb(instance: Instance, stored: StoredFrame, body: SliceBody): ShownPhotograph {
  const { description, bytes } = body
  const { bitsStored, signed, float } = instance.layout
  if (description.type === 'rgb8') {
    const isColour = stored.form === 'rgb'
    return {
      rgb: isColour ? colours(stored.values, bitsStored) : bytes,
      warnings: isColour && bitsStored > 8 ? [depth(bitsStored)] : [],
    }
  }
  const isMeasured = signed || float || description.type === 'float32'
  const ends = isMeasured ? [description.minStored, description.maxStored] : [0, 2 ** bitsStored - 1]
  const [one = 0, other = 0] = ends.map((value) => value * description.slope + description.intercept)
  const [least, most] = [Math.min(one, other), Math.max(one, other)]
  const [named] = instance.windows
  const window = named ?? windowOver(least, most)
  const grey = displayGrey(description, bytes, window, instance.photometric === 'MONOCHROME1')
  return {
    rgb: greyAsRgb(grey),
    warnings: [
      ...(bitsStored > 8 ? [depth(bitsStored)] : []),
      ...(named === undefined ? [] : windowed(named, [least, most])),
    ],
  }
}

const depth = (bits: number): Warning => ({
  code: 'picture-depth',
  text: `${bits} bits a channel are shown in 8.`,
})

/** Nothing where the window shows all that the bits can hold. */
function windowed(
  { centre, width, label }: Instance['windows'][number],
  [least, most]: readonly [number, number],
): readonly Warning[] {
  const all = windowOver(least, most)
  if (Math.abs(width - all.width) <= 1 && Math.abs(centre - all.centre) <= 1) return []
  const text = `Shown in the file’s window (${label}): centre ${Number(centre.toPrecision(6))}, width ${Number(width.toPrecision(6))}.`
  return [{ code: 'picture-range', text }]
}
