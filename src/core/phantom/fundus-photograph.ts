/** The built-in photograph of an eye's background with the vessel masks of two readers and its field of view. */
import { emptyMask, type Mask } from '../image/mask'
import { FUNDUS, fundusVessels, type Vessel } from './fundus-vessels'
import { DRAW, grainField, planeNoise } from './noise'
import { bell, coverage, length2, ramp } from './soft-shape'

export interface FundusPhantom {
  readonly widthPx: number
  readonly heightPx: number
  /** Three bytes a pixel, red, green, blue, row by row from the top left. */
  readonly rgb: Uint8Array
  readonly fieldOfView: Mask
  /** A traces all vessels at full width, B draws thinner and leaves out the finest. */
  readonly readers: readonly Mask[]
}

interface ReaderHabit {
  /** Of the vessel's width. */
  readonly widthFraction: number
  readonly minWidthPx: number
}

const READERS: readonly ReaderHabit[] = [
  { widthFraction: 1.12, minWidthPx: 0 },
  { widthFraction: 0.88, minWidthPx: 1.9 },
]
const GRAIN_SIZE_PX = 512
const PIXELS_A_STEP = 40 * FUNDUS.widthPx
const { widthPx: WIDTH, heightPx: HEIGHT } = FUNDUS

/** Visits every pixel near a vessel with its distance from the centre line and the vessel's width there. */
function alongVessel(
  vessel: Vessel,
  visit: (index: number, distancePx: number, widthPx: number) => void,
): void {
  for (let at = 1; at < vessel.points.length; at += 1) {
    const from = vessel.points[at - 1]
    const to = vessel.points[at]
    if (from === undefined || to === undefined) continue
    const reach = Math.max(from.widthPx, to.widthPx) + 3
    const [dx, dy] = [to.x - from.x, to.y - from.y]
    const lengthSquared = Math.max(1e-6, dx * dx + dy * dy)
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach))
    const bottom = Math.min(HEIGHT - 1, Math.ceil(Math.max(from.y, to.y) + reach))
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach))
    const right = Math.min(WIDTH - 1, Math.ceil(Math.max(from.x, to.x) + reach))
    for (let y = top; y <= bottom; y += 1) {
      for (let x = left; x <= right; x += 1) {
        const t = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / lengthSquared))
        const distance = length2(x - from.x - t * dx, y - from.y - t * dy)
        visit(y * WIDTH + x, distance, from.widthPx + (to.widthPx - from.widthPx) * t)
      }
    }
  }
}

interface VesselLayers {
  /** How dark, 0..1. */
  readonly blood: Float32Array
  /** Central light reflex of arteries, 0..1. */
  readonly reflex: Float32Array
}

function vesselLayers(vessels: readonly Vessel[]): VesselLayers {
  const blood = new Float32Array(WIDTH * HEIGHT)
  const reflex = new Float32Array(WIDTH * HEIGHT)
  for (const vessel of vessels) {
    const strength = vessel.kind === 'vein' ? 1 : 0.76
    alongVessel(vessel, (index, distancePx, widthPx) => {
      const thin = Math.min(1, 0.42 + widthPx * 0.12)
      const dark = strength * thin * coverage(distancePx - widthPx / 2, 1.2 + 0.28 * widthPx)
      if (dark > (blood[index] ?? 0)) blood[index] = dark
      if (vessel.kind === 'artery' && widthPx > 4) {
        const light = coverage(distancePx - widthPx * 0.13, 1.6) * ramp(widthPx, 4, 7)
        if (light > (reflex[index] ?? 0)) reflex[index] = light
      }
    })
  }
  return { blood, reflex }
}

function readerMask(vessels: readonly Vessel[], habit: ReaderHabit): Mask {
  const mask = emptyMask(WIDTH, HEIGHT)
  for (const vessel of vessels) {
    alongVessel(vessel, (index, distancePx, widthPx) => {
      const drawn = Math.max(1.5, widthPx * habit.widthFraction)
      const seen = widthPx >= habit.minWidthPx && distancePx <= drawn / 2
      if (seen && inField(index)) mask.pixels[index] = 1
    })
  }
  return mask
}

const fieldDistance = (index: number): number =>
  length2((index % WIDTH) - FUNDUS.centre.x, Math.floor(index / WIDTH) - FUNDUS.centre.y)
const inField = (index: number): boolean => fieldDistance(index) <= FUNDUS.fieldRadiusPx

type Rgb = readonly [number, number, number]
const blend = (below: Rgb, above: Rgb, share: number): Rgb => [
  below[0] + (above[0] - below[0]) * share,
  below[1] + (above[1] - below[1]) * share,
  below[2] + (above[2] - below[2]) * share,
]

/** Retina, choroid, disc and macula without vessels. */
function ground(x: number, y: number, texture: (x: number, y: number) => number): Rgb {
  const { disc, macula, fieldRadiusPx, centre } = FUNDUS
  const fromCentre = length2(x - centre.x, y - centre.y) / fieldRadiusPx
  const fromDisc = length2((x - disc.x) * 1.08, y - disc.y)
  const fromMacula = length2(x - macula.x, (y - macula.y) * 1.12)
  const choroid =
    0.6 * texture(x / 62 + 3, y / 48) + 0.3 * texture(x / 21, y / 26 + 9) + 0.16 * texture(x / 8, y / 8)
  const light = (1.06 - 0.44 * fromCentre ** 2.2) * (1 + 0.09 * choroid) + 0.1 * bell(fromDisc, 190)
  let colour: Rgb = [182 * light, 86 * light * (1 + 0.05 * choroid), 38 * light]
  const fibres = 0.5 + 0.5 * Math.sin(Math.atan2(y - disc.y, x - disc.x) * 46 + 2 * texture(x / 40, y / 40))
  colour = blend(colour, [206, 128, 70], 0.1 * fibres * bell(fromDisc - 90, 90))
  colour = blend(colour, [116, 40, 16], 0.46 * bell(fromMacula, macula.radiusPx * 0.95))
  colour = blend(colour, [92, 30, 12], 0.3 * bell(fromMacula, 20))
  const edge = coverage(fromDisc - disc.radiusPx, 11)
  const rim: Rgb = [236, 172, 96]
  const cup: Rgb = [250, 222, 158]
  const insideDisc = blend(
    rim,
    cup,
    coverage(length2(x - disc.x - 7, y - disc.y + 3) - disc.radiusPx * 0.44, 20),
  )
  return blend(colour, insideDisc, edge * 0.94)
}

function* paint(vessels: readonly Vessel[]): Generator<null, Uint8Array> {
  const texture = planeNoise(DRAW.fundusTexture)
  const grain = grainField(DRAW.fundusGrain, GRAIN_SIZE_PX)
  const { blood, reflex } = vesselLayers(vessels)
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3)
  for (let index = 0; index < WIDTH * HEIGHT; index += 1) {
    if (index % PIXELS_A_STEP === 0) yield null
    const x = index % WIDTH
    const y = Math.floor(index / WIDTH)
    const seen = coverage(fieldDistance(index) - FUNDUS.fieldRadiusPx, 2.4)
    const noise = 2.4 * (grain[(y % GRAIN_SIZE_PX) * GRAIN_SIZE_PX + (x % GRAIN_SIZE_PX)] ?? 0)
    let [red, green, blue] = seen > 0 ? ground(x, y, texture) : ([0, 0, 0] as const)
    const dark = blood[index] ?? 0
    const light = reflex[index] ?? 0
    red *= 1 - 0.4 * dark + 0.18 * light
    green *= 1 - 0.62 * dark + 0.27 * light
    blue *= 1 - 0.42 * dark + 0.12 * light
    const values = [red + noise, green + noise, blue + noise * 0.7]
    values.forEach((value, channel) => {
      const outside = 3 + (channel === 0 ? 1 : 0)
      rgb[index * 3 + channel] = Math.min(255, Math.max(0, Math.round(outside + (value - outside) * seen)))
    })
  }
  return rgb
}

/**
 * The photograph and its readings; the same bytes on every call. A null is a place to let others work, as the whole
 * takes about a second.
 */
export function* fundusPhantom(): Generator<null, FundusPhantom> {
  const vessels = fundusVessels()
  yield null
  const rgb = yield* paint(vessels)
  const readers: Mask[] = []
  for (const habit of READERS) {
    readers.push(readerMask(vessels, habit))
    yield null
  }
  const fieldOfView = emptyMask(WIDTH, HEIGHT)
  fieldOfView.pixels.forEach((_pixel, index) => {
    if (inField(index)) fieldOfView.pixels[index] = 1
  })
  return { widthPx: WIDTH, heightPx: HEIGHT, rgb, fieldOfView, readers }
}
