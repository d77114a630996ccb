/**
 * Lung vessels: a tree grown from the hilum to random points in the lung. Each point joins the nearest branch that
 * stands closer to the hilum; a branch is as thick as what it feeds needs (Murray 1926: r^3 = sum of r_i^3).
 */
import { isInLung } from './chest'
import { phantomUniforms } from './noise'
import { length3 } from './soft-shape'

export interface TubeSegment {
  readonly from: readonly [number, number, number]
  readonly to: readonly [number, number, number]
  readonly fromRadiusMm: number
  readonly toRadiusMm: number
}

interface Node {
  readonly point: readonly [number, number, number]
  readonly parent: number
  readonly rootMm: number
  leaves: number
}

const TWIG_RADIUS_MM = 0.42
const MURRAY = 1 / 2.7
const SUBDIVIDE_MM = 9
/** Beyond the slices on both sides, so that vessels run through the first and last slice. */
const HALF_LENGTH_MM = 66

const distance = (a: readonly [number, number, number], b: readonly [number, number, number]): number =>
  length3(a[0] - b[0], a[1] - b[1], a[2] - b[2])

function targetsIn(
  draw: number,
  side: -1 | 1,
  wanted: number,
): readonly (readonly [number, number, number])[] {
  const random = phantomUniforms(draw, wanted * 12)
  const targets: (readonly [number, number, number])[] = []
  for (let at = 0; at + 2 < random.length && targets.length < wanted; at += 3) {
    const x = side * (8 + (random[at] ?? 0) * 125)
    const y = -90 + (random[at + 1] ?? 0) * 175
    const z = -HALF_LENGTH_MM + (random[at + 2] ?? 0) * 2 * HALF_LENGTH_MM
    if (isInLung(x, y, z, 4)) targets.push([x, y, z])
  }
  return targets
}

/** Joins a point to the tree by a slightly bent path of short pieces. */
function join(nodes: Node[], target: readonly [number, number, number], bend: readonly number[]): void {
  const fromRoot = distance(target, nodes[0]?.point ?? target)
  let best = 0
  let bestCost = Infinity
  nodes.forEach((node, index) => {
    const gap = distance(node.point, target)
    const cost = gap + 0.32 * node.rootMm
    if (cost < bestCost && distance(node.point, nodes[0]?.point ?? target) < fromRoot) {
      best = index
      bestCost = cost
    }
  })
  const start = nodes[best]
  if (start === undefined) return
  const gap = distance(start.point, target)
  const pieces = Math.max(1, Math.round(gap / SUBDIVIDE_MM))
  let parent = best
  for (let piece = 1; piece <= pieces; piece += 1) {
    const t = piece / pieces
    const sag = 0.22 * gap * t * (1 - t)
    const along = (axis: 0 | 1 | 2): number =>
      start.point[axis] + (target[axis] - start.point[axis]) * t + sag * ((bend[axis] ?? 0.5) * 2 - 1)
    const point = [along(0), along(1), along(2)] as const
    nodes.push({ point, parent, rootMm: start.rootMm + gap * t, leaves: 0 })
    parent = nodes.length - 1
  }
}

/** The vessels of one lung: `side` -1 is the right, 1 the left. About two thousand pieces, in millimetres. */
export function lungVessels(draw: number, side: -1 | 1, targetCount: number): readonly TubeSegment[] {
  const hilum = side < 0 ? ([-36, 0, 2] as const) : ([40, 2, -1] as const)
  const nodes: Node[] = [{ point: hilum, parent: -1, rootMm: 0, leaves: 0 }]
  const targets = [...targetsIn(draw, side, targetCount)].sort(
    (a, b) => distance(a, hilum) - distance(b, hilum),
  )
  const bends = phantomUniforms(draw + 100, targets.length * 3)
  targets.forEach((target, index) => {
    join(nodes, target, [...bends.subarray(index * 3, index * 3 + 3)])
  })
  for (let index = nodes.length - 1; index > 0; index -= 1) {
    const node = nodes[index]
    const parent = nodes[node?.parent ?? -1]
    if (node === undefined || parent === undefined) continue
    if (node.leaves === 0) node.leaves = 1
    parent.leaves += node.leaves
  }
  const radius = (node: Node): number => Math.min(5.6, TWIG_RADIUS_MM * Math.max(1, node.leaves) ** MURRAY)
  return nodes.slice(1).flatMap((node) => {
    const parent = nodes[node.parent]
    if (parent === undefined) return []
    const own = radius(node)
    return [
      {
        from: parent.point,
        to: node.point,
        fromRadiusMm: Math.min(radius(parent), own * 1.25),
        toRadiusMm: own,
      },
    ]
  })
}
