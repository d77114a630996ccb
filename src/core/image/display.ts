import type { PixelDescription, WindowSetting } from '../../contract'
import { greyLevels } from './window'

type Values = Uint8Array | Int16Array | Uint16Array | Float32Array

/** The body of a grey slice as typed values (copied when its bytes do not lie at an even address). */
export function bodyValues(description: PixelDescription, bytes: Uint8Array): Values {
  if (description.type === 'uint8' || description.type === 'rgb8') return bytes
  const size = description.type === 'float32' ? 4 : 2
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  const count = Math.floor(aligned.byteLength / size)
  if (description.type === 'int16') return new Int16Array(aligned.buffer, aligned.byteOffset, count)
  if (description.type === 'uint16') return new Uint16Array(aligned.buffer, aligned.byteOffset, count)
  return new Float32Array(aligned.buffer, aligned.byteOffset, count)
}

/** A grey slice through a window as 8 bits, inverted for MONOCHROME1. PS3.3 C.11.2, output 0..255 rounded to nearest. */
export function displayGrey(
  description: PixelDescription,
  bytes: Uint8Array,
  window: WindowSetting,
  inverted: boolean,
): Uint8Array {
  const values = bodyValues(description, bytes)
  const levelOf = greyLevels(window)
  const shown = new Uint8Array(values.length)
  for (let index = 0; index < values.length; index += 1) {
    const grey = Math.round(levelOf((values[index] ?? 0) * description.slope + description.intercept))
    shown[index] = inverted ? 255 - grey : grey
  }
  return shown
}
