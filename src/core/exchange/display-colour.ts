/**
 * Colours of segments: RecommendedDisplayCIELabValue (PS3.3 C.10.7.1.1) against red, green and blue. sRGB (IEC
 * 61966-2-1) by way of XYZ adapted to the white point D50 (Bradford), which is that of the ICC connection space.
 */
import type { Rgb } from './exchange-reading'

type Triple = readonly [number, number, number]

const RGB_TO_XYZ_D50: readonly Triple[] = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
]
const XYZ_D50_TO_RGB: readonly Triple[] = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
]
const WHITE_D50: Triple = [0.9642, 1, 0.8249]
/** CIE 15: where the cube root gives way to a line. */
const DELTA = 6 / 29

const times = (matrix: readonly Triple[], [a, b, c]: Triple): Triple => {
  const row = (at: number): number => {
    const [x, y, z] = matrix[at] ?? [0, 0, 0]
    return x * a + y * b + z * c
  }
  return [row(0), row(1), row(2)]
}

const linear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
const companded = (value: number): number =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055
const root = (t: number): number => (t > DELTA ** 3 ? Math.cbrt(t) : t / (3 * DELTA * DELTA) + 4 / 29)
const cube = (t: number): number => (t > DELTA ? t ** 3 : 3 * DELTA * DELTA * (t - 4 / 29))
const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)))

/** L* of 0 to 100 and a*, b* of -128 to 127, each as 16 bits. */
export function rgbToLab([red, green, blue]: Rgb): Triple {
  const [x, y, z] = times(RGB_TO_XYZ_D50, [linear(red / 255), linear(green / 255), linear(blue / 255)])
  const [fx, fy, fz] = [root(x / WHITE_D50[0]), root(y / WHITE_D50[1]), root(z / WHITE_D50[2])]
  const [l, a, b] = [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
  return [
    clamp((l / 100) * 65535, 65535),
    clamp(((a + 128) / 255) * 65535, 65535),
    clamp(((b + 128) / 255) * 65535, 65535),
  ]
}

/** The inverse of `rgbToLab`; colours outside sRGB are cut. */
export function labToRgb([storedL, storedA, storedB]: Triple): Rgb {
  const l = (storedL / 65535) * 100
  const a = (storedA / 65535) * 255 - 128
  const b = (storedB / 65535) * 255 - 128
  const fy = (l + 16) / 116
  const xyz: Triple = [
    WHITE_D50[0] * cube(fy + a / 500),
    WHITE_D50[1] * cube(fy),
    WHITE_D50[2] * cube(fy - b / 200),
  ]
  const [red, green, blue] = times(XYZ_D50_TO_RGB, xyz).map((value) => clamp(companded(value) * 255, 255))
  return [red ?? 0, green ?? 0, blue ?? 0]
}
