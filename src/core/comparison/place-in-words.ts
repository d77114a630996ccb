import type { EdgeLetters } from '../geometry/orientation'

/** Middle of a structure on a slice and how far it reaches from there, in the unit of the pixel size. */
export interface MiddleAndReach {
  readonly x: number
  readonly y: number
  readonly reach: number
}

/** Where a region lies from the middle: its centroid along the columns and rows as stored, and its pixels' mean distance. */
export interface OffsetFromMiddle {
  readonly right: number
  readonly down: number
  readonly meanDistance: number
}

/** Shares of the structure's reach: nearer than the first is its middle, farther than the second its edge. */
const MIDDLE = 0.35
const EDGE = 0.6
/** tan 22.5 degrees: within that of an axis one direction is named, else two. */
const ONE_DIRECTION = Math.SQRT2 - 1

const PATIENT: Readonly<Record<string, string>> = {
  A: 'anterior',
  P: 'posterior',
  L: 'left',
  R: 'right',
  S: 'superior',
  I: 'inferior',
}
const PICTURE: EdgeLetters = { left: 'image left', right: 'image right', top: 'upper', bottom: 'lower' }

/**
 * A plain place within a structure: "Posterior edge, left", left being the patient's; without known letters of the
 * image's edges "Upper edge, image left". "Middle", or "Around the edge" for a rim on all sides.
 */
export function placeInWords(
  offset: OffsetFromMiddle,
  { reach }: MiddleAndReach,
  letters: EdgeLetters | null,
): string {
  const distance = Math.hypot(offset.right, offset.down)
  if (distance < MIDDLE * reach || distance === 0) {
    return offset.meanDistance > EDGE * reach && reach > 0 ? 'Around the edge' : 'Middle'
  }
  const words = letters === null ? null : patientWords(letters)
  const { left, right, top, bottom } = words ?? PICTURE
  const across = offset.right > 0 ? right : left
  const along = offset.down > 0 ? bottom : top
  const [width, height] = [Math.abs(offset.right), Math.abs(offset.down)]
  const [first, second] = height >= width ? [along, across] : [across, along]
  const beside = Math.min(width, height) > ONE_DIRECTION * Math.max(width, height) ? `, ${second}` : ''
  return `${first.charAt(0).toUpperCase()}${first.slice(1)} ${distance < EDGE * reach ? 'part' : 'edge'}${beside}`
}

/** Each edge by its first letter, the larger part of an oblique direction; null when one has none. */
function patientWords({ left, right, top, bottom }: EdgeLetters): EdgeLetters | null {
  const [l, r, t, b] = [left, right, top, bottom].map((edge) => PATIENT[edge.charAt(0)])
  return l === undefined || r === undefined || t === undefined || b === undefined
    ? null
    : { left: l, right: r, top: t, bottom: b }
}
