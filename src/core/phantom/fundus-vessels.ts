/** Retinal vessels: four arcades and nasal trunks out of the disc, each an artery and a vein, branching to the border. */
import { DRAW, phantomUniforms } from './noise'
import { length2 } from './soft-shape'

export const FUNDUS = {
  widthPx: 900,
  heightPx: 860,
  centre: { x: 450, y: 430 },
  fieldRadiusPx: 417,
  disc: { x: 318, y: 422, radiusPx: 62 },
  macula: { x: 588, y: 446, radiusPx: 64 },
} as const

export interface VesselPoint {
  readonly x: number
  readonly y: number
  readonly widthPx: number
}

export interface Vessel {
  readonly kind: 'artery' | 'vein'
  readonly points: readonly VesselPoint[]
}

interface Seed {
  /** Which vessel it leaves; null at the disc. */
  readonly parent: number | null
  readonly kind: Vessel['kind']
  readonly x: number
  readonly y: number
  readonly angle: number
  /** Angle turned per pixel: how the arcade bends around the macula. */
  readonly bend: number
  readonly widthPx: number
  readonly reachPx: number
}

const CELL_PX = 9

/** Trunks at the disc: where they leave it (degrees, 0 to the right, clockwise on the screen) and how they bend. */
const TRUNKS: readonly (readonly [Vessel['kind'], number, number, number, number])[] = [
  ['vein', -70, 0.0026, 11.5, 720],
  ['artery', -50, 0.0022, 8.4, 640],
  ['vein', 68, -0.0025, 11, 720],
  ['artery', 48, -0.0021, 8.2, 640],
  ['vein', -130, -0.0016, 8.4, 420],
  ['artery', -106, -0.0009, 6.6, 400],
  ['vein', 134, 0.0015, 8.2, 420],
  ['artery', 110, 0.0008, 6.4, 400],
  ['vein', 190, 0.0004, 5, 300],
  ['artery', 166, -0.0003, 4.2, 280],
  ['artery', -12, -0.0012, 2.8, 190],
  ['vein', 16, 0.0011, 3.1, 180],
]

const inField = (x: number, y: number): boolean =>
  length2(x - FUNDUS.centre.x, y - FUNDUS.centre.y) < FUNDUS.fieldRadiusPx - 2

const FOVEA_PX = 46
const nearFovea = (x: number, y: number): boolean =>
  length2(x - FUNDUS.macula.x, y - FUNDUS.macula.y) < FOVEA_PX

function trunkSeeds(): readonly Seed[] {
  const { x, y, radiusPx } = FUNDUS.disc
  return TRUNKS.map(([kind, degrees, bend, widthPx, reachPx]) => {
    const angle = (degrees / 180) * Math.PI
    // Trunks leave the middle of the disc a little to its nasal side.
    return { parent: null, kind, x: x - 0.15 * radiusPx, y, angle, bend, widthPx, reachPx }
  })
}

interface Grown {
  readonly vessel: Vessel
  readonly branches: readonly Seed[]
}

/** Which cells of the picture vessels run through: those of one kind never cross. */
class Occupied {
  private readonly cells = new Map<string, number>()

  private key(kind: Vessel['kind'], x: number, y: number): string {
    return `${kind} ${Math.floor(x / CELL_PX)} ${Math.floor(y / CELL_PX)}`
  }

  /** True when another vessel than `own` and `parent` runs through that cell. */
  meets(seed: Seed, own: number, x: number, y: number): boolean {
    const other = this.cells.get(this.key(seed.kind, x, y))
    return other !== undefined && other !== own && other !== seed.parent
  }

  mark(kind: Vessel['kind'], vessel: number, x: number, y: number): void {
    const key = this.key(kind, x, y)
    if (!this.cells.has(key)) this.cells.set(key, vessel)
  }
}

const STEP_PX = 2.5
const MIN_WIDTH_PX = 1.35
/** A branch may run beside its neighbours this far before it has to keep clear of them. */
const CLEAR_PX = 30

function grow(seed: Seed, own: number, random: () => number, occupied: Occupied): Grown {
  const points: VesselPoint[] = []
  const branches: Seed[] = []
  let { x, y, angle, widthPx } = seed
  let sway = 0
  let side = random() < 0.5 ? -1 : 1
  let untilBranch = 34 + 50 * random()
  for (let travelled = 0; travelled < seed.reachPx && widthPx > MIN_WIDTH_PX; travelled += STEP_PX) {
    points.push({ x, y, widthPx })
    // The vessel winds about its course; it does not lose it.
    sway = 0.95 * sway + 0.15 * (random() - 0.5)
    angle += seed.bend * STEP_PX
    x += STEP_PX * Math.cos(angle + sway)
    y += STEP_PX * Math.sin(angle + sway)
    if (!inField(x, y) || nearFovea(x, y)) break
    if (travelled > CLEAR_PX && occupied.meets(seed, own, x, y)) break
    occupied.mark(seed.kind, own, x, y)
    widthPx *= 1 - 0.0011 * STEP_PX * (seed.widthPx > 5 ? 1 : 1.4)
    untilBranch -= STEP_PX
    if (untilBranch > 0) continue
    const share = 0.4 + 0.32 * random()
    const branchWidth = widthPx * share
    if (branchWidth > MIN_WIDTH_PX) {
      const turn = side * (0.5 + 0.55 * random())
      const bend = -side * (0.0012 + 0.004 * random())
      const reachPx = 50 + branchWidth * (42 + 30 * random())
      branches.push({
        parent: own,
        kind: seed.kind,
        x,
        y,
        angle: angle + turn,
        bend,
        widthPx: branchWidth,
        reachPx,
      })
      widthPx *= 1 - 0.28 * share ** 2
      angle -= turn * 0.1
    }
    side = random() < 0.8 ? -side : side
    untilBranch = 22 + (30 + 6 * widthPx) * random()
  }
  return { vessel: { kind: seed.kind, points }, branches }
}

const MAX_VESSELS = 420
const RANDOM_COUNT = 60_000

/** All vessels, widest generation first; points in pixels of the photograph. */
export function fundusVessels(): readonly Vessel[] {
  const draws = phantomUniforms(DRAW.fundusVessels, RANDOM_COUNT)
  let used = 0
  let grownCount = 0
  const random = (): number => {
    used += 1
    return draws[used % RANDOM_COUNT] ?? 0.5
  }
  const vessels: Vessel[] = []
  const occupied = new Occupied()
  const waiting: Seed[] = [...trunkSeeds()]
  for (
    let seed = waiting.shift();
    seed !== undefined && vessels.length < MAX_VESSELS;
    seed = waiting.shift()
  ) {
    const { vessel, branches } = grow(seed, grownCount, random, occupied)
    grownCount += 1
    if (vessel.points.length > 8) vessels.push(vessel)
    waiting.push(...branches)
  }
  return vessels
}
